"""docs/contract.md says of every type in `madang.contract` what the code says."""

import inspect
import re

import msgspec
import pytest
from tests.docs import source
from tests.docs.markdown import blocks, read, rows, sections

import madang.contract
from madang import errors
from madang.contract import End, Event, Part, Piece, Progress, Prompt, Request, Sampling, Segment

TEXT = read("contract.md")
TYPES = sections(TEXT, 3)
KINDS = {
    name: kind
    for name in madang.contract.__all__
    if isinstance(kind := getattr(madang.contract, name), type)
}
ALIASES = dict(
    alias for module in source.modules(madang.contract) for alias in source.aliases(module)
)
BRANCH = re.compile(r"^(?P<indent>(?:│   |    )*)[├└]── (?P<name>\w+)", re.MULTILINE)


def test_every_exported_name_is_documented_once() -> None:
    documented = [row[0] for row in rows(sections(TEXT, 2)["Named values"], "name")]
    assert sorted(TYPES) == sorted(KINDS)
    assert sorted(documented) == sorted(ALIASES)
    assert set(madang.contract.__all__) <= {*TYPES, *documented}


def test_named_values_are_those_of_the_code() -> None:
    documented = {row[0]: row[1] for row in rows(TEXT, "name")}
    assert documented == ALIASES


@pytest.mark.parametrize("name", KINDS)
def test_fields_and_methods_are_those_of_the_code(name: str) -> None:
    kind = KINDS[name]
    fields = [tuple(row[:3]) for row in rows(TYPES[name], "field")]
    assert fields == source.fields(kind)
    assert [row[0] for row in rows(TYPES[name], "method")] == source.methods(kind)
    assert [row[0] for row in rows(TYPES[name], "value")] == [v for _, v in source.members(kind)]


def test_every_row_says_what_it_means() -> None:
    for head in ("name", "field", "method", "value", "door"):
        assert all(row[-1] for row in rows(TEXT, head))


def test_every_protocol_is_a_type_that_plugins_can_fulfil() -> None:
    doors = [row[0] for row in rows(TEXT, "door")]
    assert all(getattr(KINDS[door], "_is_protocol", False) for door in doors)


def test_error_tree_is_that_of_the_classes_and_of_their_docstring() -> None:
    classes = {
        kind.__name__: kind.__base__.__name__
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.MadangError) and kind.__base__
    }
    assert _tree(errors.__doc__ or "") == classes
    documented = next(block.text for block in blocks(TEXT) if "MadangError" in block.text)
    assert documented in f"{errors.__doc__}\n"


def _tree(text: str) -> dict[str, str]:
    """Map each class that is drawn in a tree to the one above it."""
    above, drawn = ["MadangError"], {"MadangError": "Exception"}
    for found in BRANCH.finditer(text):
        depth = len(found["indent"]) // 4
        above[depth + 1 :] = [found["name"]]
        drawn[found["name"]] = above[depth]
    return drawn


def test_what_travels_survives_its_encoding() -> None:
    prompt = Prompt("chat", (Segment(kind="tail", role="user", parts=(Part("안녕", True),)),))
    request = Request(
        id="a",
        nonce="b",
        conversation="c",
        user="d",
        model="e",
        prompt=prompt,
        sampling=Sampling(stop=("\n",)),
        deadline=1.0,
    )
    events: list[Event] = [
        Progress(request="a", phase="queued", position=1),
        Piece(request="a", offset=0, text="네"),
        End(request="a", text="네", reason="stop"),
    ]
    for coder in (msgspec.msgpack, msgspec.json):
        assert coder.decode(coder.encode(request), type=Request) == request
        assert coder.decode(coder.encode(events), type=list[Event]) == events
