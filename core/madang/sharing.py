"""Tables that name one base: its weights are loaded once for all of them."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from madang.contract import Model

WORDS = ("licence", "licence_link", "restriction", "attribution", "description")
"""What a table says to people; it does not change what is loaded."""


def merged(models: Mapping[str, Model]) -> Iterator[tuple[tuple[str, ...], Model]]:
    """Give the names of each base with one table for all of them, which has all their adapters.

    Tables share a base when they differ in nothing but adapters and words for people. Where one
    name stands for two adapters, the later table keeps a base of its own.
    """
    bases: list[tuple[list[str], Model]] = []
    for name, model in models.items():
        for place, (names, base) in enumerate(bases):
            if _bare(base) == _bare(model) and _agree(base.adapters, model.adapters):
                bases[place] = ([*names, name], _with_adapters(base, model))
                break
        else:
            bases.append(([name], model))
    yield from ((tuple(names), base) for names, base in bases)


def _bare(model: Model) -> Model:
    return replace(model, adapters={}, **dict.fromkeys(WORDS, ""))


def _agree(some: Mapping[str, str], others: Mapping[str, str]) -> bool:
    return all(others.get(name, source) == source for name, source in some.items())


def _with_adapters(base: Model, model: Model) -> Model:
    return replace(base, adapters={**base.adapters, **model.adapters})
