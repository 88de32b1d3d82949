"""The buttons under an answer: stop, try again, turn pages, go on, delete."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from discord import ui

from madang.contract import Found, TurnState
from madang.conversation import Reply, Update, problem_of
from madang.errors import MadangError, TurnNotFound
from madang.texts import Texts
from madang_discord.asking import Asked, words_for
from madang_discord.features import Feature
from madang_discord.interactions import acknowledge, reachable, tell, way_of
from madang_discord.places import spot_of, user_of

if TYPE_CHECKING:
    from madang_discord.ears import Ears


MOST_KNOWN = 4096
Item = ui.Item[Any]


@dataclass(frozen=True, kw_only=True)
class Buttons:
    """Be the buttons under one answer; `page` of `pages` variants is shown, from 1."""

    turn: str
    locale: str
    running: bool
    cut: bool = False
    page: int = 1
    pages: int = 1

    def view(self) -> ui.View:
        """Make them anew for one call."""
        view = ui.View(timeout=None)
        for what, label, disabled in self._labels():
            view.add_item(Control(what, self.turn, label, disabled=disabled))
        return view

    def _labels(self) -> list[tuple[str, str, bool]]:
        texts = Texts.of(__package__, self.locale)
        if self.running:
            return [("stop", texts("button.stop"), False)]
        rows = [("retry", texts("button.retry"), False)]
        if self.pages > 1:
            rows.append(("back", "◀", self.page <= 1))
            rows.append(("next", f"{self.page}/{self.pages} ▶", self.page >= self.pages))
        if self.cut:
            rows.append(("more", texts("button.more"), False))
        return [*rows, ("delete", texts("button.delete"), False)]


class Control(
    ui.DynamicItem[ui.Button[Any]], template=r"madang:answer:(?P<what>[a-z]+):(?P<turn>[\w-]+)"
):
    """Do one thing to an answer; its id says all, so that it works after a restart."""

    def __init__(self, what: str, turn: str, label: str = "", *, disabled: bool = False) -> None:
        self.what, self.turn = what, turn
        key = f"madang:answer:{what}:{turn}"
        super().__init__(ui.Button(label=label or what, custom_id=key, disabled=disabled))

    @classmethod
    async def from_custom_id(
        cls, interaction: Asked, item: Item, match: re.Match[str], /
    ) -> "Control":
        """Read what it is about from its id."""
        return cls(match["what"], match["turn"])

    async def callback(self, interaction: Asked) -> Any:
        """Do it, for those who may."""
        await acknowledge(interaction)
        texts = words_for(interaction)
        try:
            found = await _found(interaction, self.turn)
            if self.what in ACTIONS and await may_change(interaction, found):
                await ACTIONS[self.what](interaction, found)
            else:
                await tell(interaction, texts("button.not_yours"))
        except TurnNotFound:
            await tell(interaction, texts("button.gone"))
        except MadangError as error:
            await tell(interaction, texts.problem(problem_of(error)))


class Controls(Feature):
    """Put buttons under every answer, and let those from before a restart work on."""

    def __init__(self, talk: Any) -> None:
        super().__init__(talk)
        self._pages: dict[str, tuple[int, int]] = {}

    async def attach(self, client: "Ears") -> None:
        """Hear what is pressed."""
        client.add_dynamic_items(Control)

    async def begins(self, reply: Reply) -> None:
        """Learn which of how many variants an answer is."""
        turns = await self.talk.conversations.controls.variants(reply.turn.id)
        ids = [each.id for each in turns]
        if len(self._pages) >= MOST_KNOWN:
            del self._pages[next(iter(self._pages))]
        page = ids.index(reply.turn.id) + 1 if reply.turn.id in ids else 1
        self._pages[reply.turn.id] = (page, len(ids))

    def under(self, reply: Reply, update: Update) -> Buttons:
        """Return the buttons as they are now."""
        page, pages = self._pages.get(reply.turn.id, (1, 1))
        cut = update.cut or update.state is TurnState.STOPPED
        return Buttons(
            turn=reply.turn.id,
            locale=self.talk.locale(reply.place),
            running=not update.final,
            cut=update.final and cut and bool(update.text),
            page=page,
            pages=pages,
        )


async def may_change(asked: Asked, found: Found) -> bool:
    """Say whether somebody asked for what was found, or moderates the place of it."""
    turn = found.turn
    if turn.role == "persona":
        turn = await asked.client.talk.yard.store.turn(turn.parent or "") or turn
    moderates = asked.guild_id is not None and asked.permissions.manage_messages
    return user_of(turn.author.id) == asked.user.id or moderates


async def _found(asked: Asked, turn: str) -> Found:
    """Return the turn of a button; what a button sends could be made up, so it must be here."""
    found: Found | None = await asked.client.talk.yard.store.locate(turn)
    if found is None or spot_of(found.conversation.place).channel != asked.channel_id:
        raise TurnNotFound(f"There is no answer {turn} here.")
    return found


async def _stop(asked: Asked, found: Found) -> None:
    if not await asked.client.talk.conversations.controls.stop(found.turn.id):
        await tell(asked, words_for(asked)("button.ended"))


async def _retry(asked: Asked, found: Found) -> None:
    await _divert(asked, found)
    await asked.client.talk.conversations.controls.retry(found.turn.id)


async def _more(asked: Asked, found: Found) -> None:
    await _divert(asked, found)
    await asked.client.talk.conversations.controls.go_on(found.turn.id)


async def _back(asked: Asked, found: Found) -> None:
    await _turn_page(asked, found, -1)


async def _next(asked: Asked, found: Found) -> None:
    await _turn_page(asked, found, 1)


async def _turn_page(asked: Asked, found: Found, step: int) -> None:
    talk = asked.client.talk
    controls = talk.conversations.controls
    shown = next((t for t in await controls.variants(found.turn.id) if t.chosen), found.turn)
    turn = await controls.turn_page(found.turn.id, step)
    await _divert(asked, found)
    await talk.conversations.messages.shown_as(turn.id, shown.message_ids)
    await talk.answers.redraw(found.conversation.place, turn, shown.message_ids)


async def _delete(asked: Asked, found: Found) -> None:
    talk = asked.client.talk
    gone = await talk.conversations.controls.delete(found.turn.id)
    ids = {int(message) for turn in gone for message in turn.message_ids}
    if not reachable(asked) and asked.message is not None:
        await asked.delete_original_response()
        ids.discard(asked.message.id)
    await talk.delete(spot_of(found.conversation.place).channel, sorted(ids))


async def _divert(asked: Asked, found: Found) -> None:
    """Let an answer be changed by the interaction where the bot itself cannot write."""
    if reachable(asked):
        return
    talk = asked.client.talk
    question = await talk.yard.store.turn(found.turn.parent or "")
    if question is not None and question.message_ids:
        key = question.message_ids[-1]
        talk.answers.elsewhere[key] = way_of(asked, key)


ACTIONS: Mapping[str, Callable[[Asked, Found], Awaitable[None]]] = {
    "stop": _stop,
    "retry": _retry,
    "more": _more,
    "back": _back,
    "next": _next,
    "delete": _delete,
}
