"""Who asks a persona about a document, and where: what holds for that, and what it costs."""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from madang.contract import Author, Place, Tally, Usage
from madang.contract.tally import day_of
from madang.conversation import Binder, Bound
from madang.conversation.quota import Allowance
from madang.errors import Refused
from madang.filters import FilterChain

if TYPE_CHECKING:
    from madang.yard import Yard


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Ask as somebody at a place, outside of any conversation.

    Nothing is stored of a passage or an answer but what they cost.
    """

    yard: "Yard"
    author: Author
    place: Place
    persona: str

    async def bound(self) -> Bound:
        """Return who answers; raises what keeps them, or what keeps the author from asking."""
        yard = self.yard
        options = yard.conversations.options
        await options.refresh()
        settings = yard.setup.live.current
        binder = Binder(settings, yard.setup.plugins.personas, options.place)
        bound = binder.bind(self.persona, self.place)
        allowance = Allowance(store=yard.store, settings=settings, options=options)
        await allowance.check(self.author.id, self.place)
        return replace(bound, form=replace(bound.form, history="none", request_class="bulk"))

    async def admitted(self, bound: Bound, text: str) -> str:
        """Return what filters make of a passage, or raise `Refused`."""
        decision = await self._filters(bound).incoming(text, self.author, self.place)
        if decision.refused:
            raise Refused(decision.refused)
        return decision.text

    async def shown(self, bound: Bound, raw: str) -> str:
        """Return what persona and filters make of a raw answer, or raise `Refused`."""
        text = bound.form.polished(raw, final=True)
        decision = await self._filters(bound).outgoing(text, self.place, final=True)
        if decision.refused:
            raise Refused(decision.refused)
        return decision.text

    async def count(self, bound: Bound, usage: Usage) -> None:
        """Count one question, however often it was asked again; nothing where no model read it."""
        if usage == Usage():
            return
        await self.yard.store.count(
            Tally(
                day=day_of(time.time()),
                place=self.place.key,
                author=self.author,
                persona=bound.persona.name,
                model=bound.binding.model,
                requests=1,
                prompt=usage.prompt,
                output=usage.output,
                cached=usage.cached,
            )
        )

    def _filters(self, bound: Bound) -> FilterChain:
        names = (*bound.place.filters, *bound.persona.filters)
        return self.yard.conversations.filters(names)
