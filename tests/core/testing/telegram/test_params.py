"""Parameters, however they travelled."""

import pytest

from madang.testing.telegram import Attachment
from madang.testing.telegram.params import Params
from madang.testing.telegram.wire import Refusal


def test_values_are_read_by_type_from_forms_and_json() -> None:
    form = Params({"chat_id": "5", "flag": "true", "list": "[1]", "object": '{"a": 1}'})
    body = Params({"chat_id": 5, "flag": True, "list": [1], "object": {"a": 1}})
    for params in (form, body):
        assert params.integer("chat_id") == 5
        assert params.flag("flag")
        assert params.array("list") == [1]
        assert params.object("object") == {"a": 1}
        assert params.unread == []


def test_absent_values_are_empty() -> None:
    params = Params({})
    assert (params.text("x"), params.integer("x"), params.flag("x")) == ("", 0, False)
    assert (params.array("x"), params.object("x"), params.upload("x")) == ([], {}, "")


def test_what_nobody_read_is_known() -> None:
    params = Params({"text": "x", "txet": "y"})
    params.text("text")
    assert params.unread == ["txet"]


def test_uploads_are_found_by_name_and_by_reference() -> None:
    file = Attachment("a.txt", b"x")
    params = Params({"photo": "attach://f", "video": "attach://g"}, {"document": file, "f": file})
    assert params.upload("document") is file
    assert params.upload("photo") is file
    with pytest.raises(Refusal, match="attached file not found"):
        params.upload("video")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("integer", "five"),
        ("text", "\ud83d"),
        ("array", "{}"),
        ("array", "[1"),
        ("object", "[]"),
    ],
)
def test_what_cannot_be_read_is_refused(read: str, value: str) -> None:
    with pytest.raises(Refusal) as caught:
        getattr(Params({"x": value}), read)("x")
    assert caught.value.code == 400
