"""A table is read as a struct, or refused at the very key."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from madang.errors import PersonaError, SettingsError
from madang.toml import read_table


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Need a number."""

    number: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    """Hold values of every kind."""

    inner: Inner | None = None
    unsaid: Inner | UnsetType = UNSET
    many: dict[str, Inner] = {}
    named: dict[Literal["one", "two"], int] = {}
    free: dict[str, object] = {}
    either: int | str = 0
    often: Annotated[int, Meta(ge=1)] = 1
    word: Literal["left", "right"] | Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    words: tuple[str, ...] = ()
    tables: tuple[dict[str, bool], ...] = ()
    other_name: float = msgspec.field(name="other-name", default=0.0)


class Fussy(msgspec.Struct, frozen=True):
    """Refuse what no annotation can say."""

    least: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError("least is more than most")


def read(table: dict[str, object]) -> Outer:
    return read_table(table, Outer, lambda path: "my.toml")


def test_a_good_table_is_read() -> None:
    table: dict[str, object] = {
        "inner": {"number": 1},
        "unsaid": {"number": 2},
        "many": {"a": {"number": 3}},
        "named": {"one": 1},
        "free": {"a": [{"b": 1}]},
        "either": "x",
        "word": 3,
        "words": ["a"],
        "tables": [{"on": True}],
        "other-name": 1,
    }
    assert read(table) == Outer(
        inner=Inner(1),
        unsaid=Inner(2),
        many={"a": Inner(3)},
        named={"one": 1},
        free={"a": [{"b": 1}]},
        either="x",
        word=3,
        words=("a",),
        tables=({"on": True},),
        other_name=1.0,
    )


@pytest.mark.parametrize(
    ("table", "words", "hint"),
    [
        ({"inner": {}}, "inner.number: is missing.", "Add number to [inner]."),
        ({"many": {"a b": {}}}, 'many."a b".number: is missing.', 'Add number to [many."a b"].'),
        ({"innner": {}}, "innner: unknown key.", "Did you mean 'inner'?"),
        ({"many": {"a": {"numbr": 1}}}, "many.a.numbr: unknown key.", "Did you mean 'number'?"),
        ({"unsaid": {"x": 1}}, "unsaid.x: unknown key.", "Known: number."),
        ({"other_name": 1}, "other_name: unknown key.", "Did you mean 'other-name'?"),
        ({"inner": 3}, "inner: expected table, got integer.", ""),
        ({"many": []}, "many: expected table, got array.", ""),
        (
            {"many": {"a b": {"number": "x"}}},
            'many."a b".number: expected integer, got string.',
            "",
        ),
        ({"named": {"three": 3}}, "named: invalid value 'three'.", ""),
        ({"either": 1.5}, "either: expected integer or string, got float.", ""),
        ({"often": 0}, "often: expected integer >= 1.", ""),
        ({"often": True}, "often: expected integer, got boolean.", ""),
        ({"word": "some"}, "word: invalid value 'some'.", "Known: 'left', 'right'."),
        ({"word": "a - at b"}, "word: invalid value 'a - at b'.", "Known: 'left', 'right'."),
        ({"words": "a"}, "words: expected array, got string.", ""),
        ({"words": ["a", 2]}, "words: expected string, got integer (item 2).", ""),
        ({"tables": [{}, {"a": 1}]}, "tables: expected boolean, got integer (item 2).", ""),
    ],
)
def test_a_wrong_table_names_the_key(table: dict[str, object], words: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(table)
    assert caught.value.message == f"my.toml: {words}"
    assert caught.value.hint == hint


def test_a_key_missing_at_the_top_is_named() -> None:
    with pytest.raises(SettingsError, match=r"^x: number: is missing\.\n  Add number\.$"):
        read_table({}, Inner, lambda path: "x")


def test_a_table_that_refuses_its_values_is_named() -> None:
    class Holder(msgspec.Struct):
        fussy: Fussy = Fussy()

    with pytest.raises(SettingsError, match=r"^x: fussy: least is more than most\.$"):
        read_table({"fussy": {"least": 1}}, Holder, lambda path: "x")
    with pytest.raises(SettingsError, match=r"^x: least is more than most\.$"):
        read_table({"least": 1}, Fussy, lambda path: "x")


def test_an_error_is_of_the_class_asked_for_and_says_where_the_value_is_from() -> None:
    with pytest.raises(PersonaError, match=r"^number of x: "):
        read_table({"number": "a"}, Inner, lambda path: f"{path[-1]} of x", PersonaError)
