"""Drafts: previews of an answer that a private chat shows for thirty seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field

from madang.testing.telegram.chats import Chat
from madang.testing.telegram.clock import Clock
from madang.testing.telegram.entities import Styled
from madang.testing.telegram.transcript import Sight, What

LIFETIME = 30.0


@dataclass(kw_only=True, eq=False)
class Draft:
    """Hold what is shown of one draft."""

    id: int
    chat: Chat
    thread: int
    content: Styled = field(default_factory=Styled)
    rich: str = ""
    can_stop: bool = False
    keep_on_stop: bool = False
    stopped: bool = False
    expires: float = 0.0


class Drafts:
    """Keep the drafts of all chats, and let them vanish in time."""

    def __init__(self, clock: Clock, author: str) -> None:
        self._clock = clock
        self._author = author
        self._shown: dict[tuple[int, int, int], Draft] = {}
        self._stopped: set[tuple[int, int, int]] = set()

    def show(self, draft: Draft) -> None:
        """Show a draft, in place of what it was; one that was stopped is not shown again."""
        key = _key(draft)
        if key in self._stopped:
            return
        draft.expires = self._clock.now() + LIFETIME
        self._shown[key] = draft
        self._record("draft", draft, draft.content, draft.rich)
        self._clock.call_at(draft.expires, self._expiry(draft))

    def of(self, chat: Chat) -> list[Draft]:
        """List the drafts that a chat shows now."""
        return [draft for draft in self._shown.values() if draft.chat is chat]

    def stop(self, draft: Draft) -> None:
        """Stop a draft; it vanishes unless the bot asked to keep it."""
        self._stopped.add(_key(draft))
        draft.stopped = True
        if not draft.keep_on_stop:
            self._remove(draft, "stopped")

    def finish(self, chat: Chat, thread: int) -> None:
        """Remove the drafts of a place, because a message came."""
        for draft in self.of(chat):
            if draft.thread == thread:
                self._remove(draft, "finished")

    def _expiry(self, draft: Draft) -> Callable[[], None]:
        return lambda: self._remove(draft, "expired")

    def _remove(self, draft: Draft, why: str) -> None:
        if self._shown.get(_key(draft)) is draft:
            del self._shown[_key(draft)]
            self._record("draft gone", draft, Styled(why), "")

    def _record(self, what: What, draft: Draft, content: Styled, rich: str) -> None:
        sight = Sight(
            what,
            self._clock.now(),
            draft.id,
            self._author,
            True,
            content=content,
            rich=rich,
            thread=draft.thread,
            can_stop=draft.can_stop,
        )
        draft.chat.transcript.add(sight)


def _key(draft: Draft) -> tuple[int, int, int]:
    return draft.chat.id, draft.thread, draft.id
