"""Several filters as one."""

from collections.abc import Awaitable, Callable, Sequence

from madang.contract import Author, Decision, Filter, Place


class FilterChain:
    """Send a text through filters in order; the first refusal ends it."""

    def __init__(self, filters: Sequence[Filter] = ()) -> None:
        self._filters = tuple(filters)

    @property
    def streams(self) -> bool:
        """Say whether every filter may see unfinished text."""
        return all(each.streams for each in self._filters)

    async def incoming(self, text: str, author: Author, place: Place) -> Decision:
        """Decide on what somebody typed."""
        return await self._through(text, lambda each, so_far: each.incoming(so_far, author, place))

    async def outgoing(self, text: str, place: Place, *, final: bool) -> Decision:
        """Decide on what is about to be shown."""
        return await self._through(
            text, lambda each, so_far: each.outgoing(so_far, place, final=final)
        )

    async def _through(
        self, text: str, ask: Callable[[Filter, str], Awaitable[Decision]]
    ) -> Decision:
        for each in self._filters:
            decision = await ask(each, text)
            if decision.refused:
                return decision
            text = decision.text
        return Decision(text=text)
