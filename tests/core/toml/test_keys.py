"""A key is spelled as in TOML, wherever an error names it."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from madang.errors import PersonaError, SettingsError
from madang.toml import dotted, wrong


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=3))
def test_a_dotted_path_is_toml(path: list[str]) -> None:
    read: object = tomllib.loads(f"{dotted(tuple(path))} = 1")
    for key in path:
        assert isinstance(read, dict)
        read = read[key]
    assert read == 1


def test_an_error_names_the_origin_of_its_key() -> None:
    error = wrong(lambda path: f"from {path[0]}", ("a", "b c"), "is odd.", "Make it even.")
    assert isinstance(error, SettingsError)
    assert str(error) == 'from a: a."b c": is odd.\n  Make it even.'


def test_an_error_is_of_the_class_that_is_asked_for() -> None:
    error = wrong(lambda path: "my.toml", (), "is odd.", error=PersonaError)
    assert isinstance(error, PersonaError)
    assert error.message == "my.toml: is odd."
