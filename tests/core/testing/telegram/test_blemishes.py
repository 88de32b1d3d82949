"""What a reader must never see."""

import pytest

from madang.testing.telegram import Entity, Sight, Transcript, blemishes
from madang.testing.telegram.changes import Changes
from madang.testing.telegram.entities import style


@pytest.mark.parametrize(
    ("text", "entities", "why"),
    [
        ("가 **나", [], "raw **"),
        ("```py\nx", [], "raw ```"),
        ("안\ufffd", [], "half a letter"),
        ("안녕\u1112", [], "half a letter"),
        ("x" * 101, [Entity("bold", at, 1) for at in range(101)], "dropped bold"),
        ("x ** 2", [Entity("code", 0, 6)], ""),
        ("안녕 😀 a*b", [Entity("bold", 0, 2)], ""),
    ],
)
def test_blemishes(text: str, entities: list[Entity], why: str) -> None:
    transcript = Transcript(Changes())
    transcript.add(Sight("edit", 0.0, 1, "마당", True, content=style(text, entities)))
    transcript.add(Sight("message", 0.0, 2, "민지", False, content=style("**")))
    assert [found.partition(" in ")[0] for found in blemishes(transcript)] == ([why] if why else [])
