"""What the panel of settings says: what holds somewhere, and what can be chosen there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord
from msgspec import UNSET

from madang.setup import PersonaInfo
from madang.texts import LOCALES, Texts
from madang_discord.counts import counted
from madang_discord.places import guild_place
from madang_discord.talk import Talk
from madang_discord.target import Target

MOST_CHOICES = 25
MOST_LISTED = 15
INHERIT = "-"
SWITCHES = ("enabled", "locked", "free", "faces")
STYLES = ("reply", "reaction", "silent")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Word the settings of one target for whoever asked for them."""

    talk: Talk
    texts: Texts
    target: Target

    async def read(self) -> None:
        """Take over what was set meanwhile, also by other processes."""
        await self.talk.conversations.options.refresh()

    def state(self, note: str = "") -> str:
        """Word what holds, with a note of what went wrong."""
        here = self.talk.conversations.options.place(self.target.place)
        personas = {info.persona.name: info.persona for info in self._personas()}
        persona = personas.get(here.persona.partition(":")[0])
        locale = self.talk.locale(self.target.place)
        title = persona.text(locale).title if persona else here.persona
        name = self.target.name or self.texts("settings.server")
        lines = [self.texts("settings.title", name=name), *([f"⚠️ {note}"] if note else [])]
        lines.append(self.texts("settings.persona_now", title=title))
        lines += [self.texts(f"settings.{key}_{self._is_on(key)}") for key in SWITCHES]
        lines += self._lacking()
        style = self.talk.error_style(self.target.place)
        lines.append(self.texts("settings.errors_now", style=self.texts(f"settings.{style}")))
        lines.append(self.texts("settings.locale_now", locale=self.texts(f"settings.{locale}")))
        return "\n".join([*lines, *self._numbers(here.retention_days), *self._elsewhere()])

    async def usage(self) -> str:
        """Word what the server asked for."""
        server = guild_place(self.target.guild)
        return "\n".join(await counted(self.talk.yard.store, server, self.texts))

    def _is_on(self, key: str) -> bool:
        options, place = self.talk.conversations.options, self.target.place
        if key == "enabled":
            # The profile has a say in this one too.
            return options.place(place).enabled
        return getattr(options.said(place), key) is True

    def _lacking(self) -> list[str]:
        """Say what keeps personas from speaking under their own names where they are to."""
        if not self._is_on("faces"):
            return []
        if not self.talk.reads:
            return [self.texts("settings.faces_unread")]
        given = self.talk.given(self.target.guild, self.target.channel)
        if given is None or given.manage_webhooks:
            return []
        return [self.texts("settings.faces_denied")]

    def _numbers(self, retention: float) -> list[str]:
        options, none = self.talk.conversations.options, self.texts("settings.unlimited")
        place = self.target.place
        requests = options.limit(place, "daily_requests").amount
        tokens = options.limit(place, "daily_tokens").amount
        return [
            self.texts(
                "settings.limits_now",
                requests=f"{requests:,}" if requests else none,
                tokens=f"{tokens:,}" if tokens else none,
            ),
            self.texts("settings.retention_now", days=f"{retention:g}")
            if retention
            else self.texts("settings.kept_now"),
        ]

    def _elsewhere(self) -> list[str]:
        """List the channels that have settings of their own, on the panel of the server."""
        if self.target.channel:
            return []
        below = self.talk.conversations.options.below(self.target.place)
        keys = {place.key.split("/")[-1] for place in below if place != self.target.place}
        names = [f"<#{key}>" for key in sorted(keys) if key.isdecimal()][:MOST_LISTED]
        return [self.texts("settings.elsewhere", names=" ".join(names))] if names else []

    def choices(self) -> Mapping[str, list[discord.SelectOption]]:
        """List what can be chosen for each option."""
        exact = self.talk.conversations.options.below(self.target.place).get(self.target.place)
        locale = self.talk.locale(self.target.place)
        choices = {
            "persona": [(i.persona.name, i.persona.text(locale).title) for i in self._personas()],
            "locale": [(key, self.texts(f"settings.{key}")) for key in LOCALES],
            "errors": [(key, self.texts(f"settings.{key}")) for key in STYLES],
        }
        return {
            key: self._choices(each, getattr(exact, key, UNSET)) for key, each in choices.items()
        }

    def _choices(
        self, choices: Sequence[tuple[str, str]], now: object
    ) -> list[discord.SelectOption]:
        """Offer choices; the one that is set here is marked, also where there are too many."""
        inherit = self.texts("settings.inherit" if self.target.channel else "settings.default")
        known = dict(choices)
        first = {str(now): known.get(str(now), str(now))} if now is not UNSET else {}
        offered = {INHERIT: inherit, **first, **known}
        chosen = str(now) if first else INHERIT
        return [
            discord.SelectOption(label=title[:100], value=value[:100], default=value == chosen)
            for value, title in list(offered.items())[:MOST_CHOICES]
        ]

    def switches(self) -> list[tuple[str, str]]:
        """List what a press switches to, each with its label."""
        switched = [(key, not self._is_on(key)) for key in SWITCHES]
        return [(f"{key}{to:d}", self.texts(f"settings.make_{key}_{to}")) for key, to in switched]

    def buttons(self) -> list[tuple[str, str]]:
        """List what else can be pressed, each with its label."""
        whats = ["numbers", "clear", *(["server"] if self.target.channel else [])]
        return [(what, self.texts(f"settings.{what}_button")) for what in whats]

    def _personas(self) -> list[PersonaInfo]:
        return [i for i in self.talk.yard.personas(self.target.place) if i.bound is not None]
