"""The rows of a batch that draw at random, in groups that are drawn alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from madang.contract import Sampling
from madang.inference.engine.choice import Limits, border, limits, pick, weigh
from madang.inference.engine.peaks import Peaks, candidates, ranked
from madang.inference.engine.upload import upload

if TYPE_CHECKING:
    import torch

FEW = (64, 512, 2048)  # candidates tried before the whole vocabulary, where trying is possible


class Row:
    """Hold how one sequence draws; equal seeds give equal numbers, `drawn` of them are past."""

    def __init__(self, sampling: Sampling, drawn: int) -> None:
        self.sampling = sampling
        self._random = Random(sampling.seed)
        for _ in range(drawn if sampling.temperature else 0):
            self._random.random()
        self.advance()

    def advance(self) -> None:
        """Go on to the next number, which stays until the draw that it is for has succeeded."""
        self.number = self._random.random()


@dataclass(frozen=True)
class Kind:
    """Name what rows need that are drawn alike.

    `few` are the numbers of candidates to try first; `limited` rows cut something off, and a
    `nucleus` is cut from the whole vocabulary, so its mass has to be known.
    """

    few: tuple[int, ...]
    limited: bool = True
    nucleus: bool = False


@dataclass(frozen=True)
class Sampled:
    """Draw for some rows of a batch; `places` say where they stand in it.

    `ranks` is how many of the highest scores the limits may look at in the end.
    """

    kind: Kind
    places: "torch.Tensor"
    rows: tuple[Row, ...]
    asked: Limits
    ranks: int

    def draw(self, found: Peaks) -> "torch.Tensor":
        """Choose one token for each of the rows, by its number."""
        import torch

        numbers = [row.number for row in self.rows]
        uniform = upload(numbers, torch.float64, self.places.device)
        if self.kind.few:
            return self._among_few(found, uniform)
        return self._among_all(found, self.places, self.asked, uniform)

    def _among_few(self, found: Peaks, uniform: "torch.Tensor") -> "torch.Tensor":
        import torch

        best = found.best[self.places, None]
        mass = self._mass(found, best) if self.kind.nucleus else None
        tokens = torch.empty_like(self.places)
        left = torch.arange(len(self.places))
        for count in self.kind.few:
            part = candidates(found, self.places[left], count)
            asked, top = self.asked.at(left), best[left]
            weighed = weigh(part.scores.clone(), top, asked)
            known = None if mass is None else mass[left]
            low = border(part.scores, weighed, part.ranked, top, asked, known)
            column = pick(weighed * (part.scores >= low), uniform[left])
            tokens[left] = part.columns.gather(1, column[:, None]).squeeze(1)
            # A score that equals the last candidate's may be missing among them.
            left = left[(low <= part.ranked[:, -1:]).squeeze(1)]
            if not len(left):
                return tokens
        rest = self.asked.at(left)
        tokens[left] = self._among_all(found, self.places[left], rest, uniform[left])
        return tokens

    def _mass(self, found: Peaks, best: "torch.Tensor") -> "torch.Tensor":
        return weigh(found.scores(self.places), best, self.asked).sum(1, keepdim=True)

    def _among_all(
        self, found: Peaks, places: "torch.Tensor", asked: Limits, uniform: "torch.Tensor"
    ) -> "torch.Tensor":
        scores, best = found.scores(places), found.best[places, None]
        if not self.kind.limited:
            return pick(weigh(scores, best, asked), uniform)
        weighed = weigh(scores.clone(), best, asked)
        low = border(scores, weighed, _highest(scores, self.ranks), best, asked)
        return pick(weighed.mul_(scores >= low), uniform)


def groups(rows: Mapping[int, Row], width: int, device: "torch.device") -> list[Sampled]:
    """Put together what is drawn alike; `rows` by their places in the batch.

    `width` is that of the scores. On a CPU most rows need a few candidates only, and a look tells
    whether these were enough. A look at a GPU means waiting for it, so there all rows draw
    together, among all tokens.
    """
    alike: dict[Kind, list[int]] = {}
    for place, row in rows.items():
        alike.setdefault(_kind(row.sampling, width), []).append(place)
    if device.type != "cpu" and alike:
        limited = any(kind.limited for kind in alike)
        alike = {Kind((), limited=limited): list(rows)}
    return [_group(kind, places, rows, width, device) for kind, places in alike.items()]


def _group(
    kind: Kind, places: list[int], rows: Mapping[int, Row], width: int, device: "torch.device"
) -> Sampled:
    import torch

    chosen = tuple(rows[place] for place in places)
    samplings = [row.sampling for row in chosen]
    return Sampled(
        kind=kind,
        places=upload(places, torch.long, device),
        rows=chosen,
        asked=limits(samplings, device),
        ranks=max(_ranks(sampling, width) for sampling in samplings),
    )


def _kind(sampling: Sampling, width: int) -> Kind:
    nucleus = not sampling.top_k and sampling.top_p < 1
    if not (sampling.top_k or sampling.min_p or nucleus):
        return Kind((), limited=False)
    few = tuple(count for count in FEW if sampling.top_k < count < width)
    return Kind(few, nucleus=nucleus)


def _ranks(sampling: Sampling, width: int) -> int:
    if sampling.top_k:
        return min(sampling.top_k, width)
    return width if sampling.top_p < 1 else 1


def _highest(scores: "torch.Tensor", count: int) -> "torch.Tensor":
    return scores.topk(count).values if count < scores.shape[1] else ranked(scores)
