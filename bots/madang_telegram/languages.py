"""Which language the bot speaks with whom."""

from dataclasses import dataclass, field

from msgspec import UNSET
from telegram import User

from madang.contract import Place
from madang.yard import Yard
from madang_telegram.recent import Recent

MOST = 10_000


@dataclass(kw_only=True)
class Languages:
    """Choose: what a person set, what was set for the place, what their client speaks, the profile.

    What clients speak is known from their last message, by person and by place.
    """

    yard: Yard
    _spoken: Recent[str, str] = field(default_factory=lambda: Recent(MOST))

    def hear(self, place: Place, person: str, user: User | None) -> None:
        """Note what somebody's client speaks."""
        if user is None or not user.language_code:
            return
        locale = "ko" if user.language_code.lower().startswith("ko") else "en"
        self._spoken.keep(person, locale)
        self._spoken.keep(place.key, locale)

    def of(self, place: Place, person: str = "") -> str:
        """Return the language for a place, or for a person there."""
        options = self.yard.conversations.options
        for said in (options.own(person).locale, options.said(place).locale):
            if said is not UNSET:
                return str(said)
        spoken = self._spoken.get(person) or self._spoken.get(place.key)
        return spoken or self.yard.locale(place)
