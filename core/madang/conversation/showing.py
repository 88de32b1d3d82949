"""Who shows the answers: each goes to the bot of its place, also after a restart."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from madang.contract import Found, PersonaSource, Store, Turn
from madang.conversation.options import Options
from madang.conversation.reply import Reply, Update
from madang.conversation.turns import question_of
from madang.errors import MadangError, UnknownPersona, nearest

_log = logging.getLogger(__name__)

Deliver = Callable[[Reply], Awaitable[None]]
"""A bot's way to show a reply; it runs in a task of its own beside the answer.

It returns when people see the whole: an answer whose process dies before that is shown by the next.
"""


@dataclass(kw_only=True)
class Showing:
    """Hand every reply to the bot of its place, and remember which were not shown whole."""

    store: Store
    personas: Mapping[str, PersonaSource]
    options: Options
    _bots: dict[str, Deliver] = field(default_factory=dict)

    def begin(self, bot: str, deliver: Deliver) -> None:
        """Deliver to a bot from now on."""
        self._bots[bot] = deliver

    async def deliver(self, reply: Reply) -> None:
        """Have a reply shown, and note that it was."""
        deliver = self._bots.get(reply.place.bot)
        try:
            if deliver:
                await deliver(reply)
        except Exception:  # noqa: BLE001 - the answer is in the store, and other replies go on
            _log.exception("%s could not show an answer", reply.place.key)
        await reply.final()
        try:
            await self.store.shown(reply.turn.id)
        except MadangError as error:
            _log.warning("%s may see an answer twice: %s", reply.place.key, error)

    async def ended(self, found: Found, messages: Sequence[str], *, resumed: bool = False) -> Reply:
        """Return an answer that has ended as a reply, to be shown in messages that are there.

        Raises `UnknownPersona` where nobody has its persona any more.
        """
        turn, place = found.turn, found.conversation.place
        name = turn.persona.partition(":")[0]
        if name not in self.personas:
            raise UnknownPersona(f"There is no persona '{name}'.", nearest(name, self.personas))
        persona = self.personas[name].current()
        question = await question_of(self.store, turn)
        asker = question.author.id if question else ""
        notice = persona.text(self.options.locale(place, asker)).notice
        told = notice and not is_first(turn, await self.store.history(found.conversation.id))
        return Reply(
            place=place,
            turn=structs.replace(turn, message_ids=tuple(messages)),
            persona=persona,
            notice="" if told else notice,
            resumed=resumed,
            latest=Update.of(turn),
        )


def is_first(turn: Turn, history: Sequence[Turn]) -> bool:
    """Say whether an answer's persona said nothing in a history before it."""
    name = turn.persona.partition(":")[0]
    before = [each for each in history if each.depth < turn.depth]
    said = any(each.persona.partition(":")[0] == name and each.shown for each in before)
    return not said and not (before and before[0].depth)
