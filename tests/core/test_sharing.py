"""Tables of one base share its weights."""

from pathlib import Path

from madang.contract import Model
from madang.sharing import merged
from madang.testing import open_chat

BASE = "owner/base"


def names(**models: Model) -> list[tuple[str, ...]]:
    return [names for names, _ in merged(models)]


def test_tables_that_differ_only_in_adapters_and_words_share() -> None:
    polite = Model(source=BASE, adapters={"polite": "x/polite"}, licence="MIT", description="one")
    rude = Model(source=BASE, adapters={"rude": "x/rude"}, restriction="none of yours")
    ((together, model),) = merged({"polite": polite, "rude": rude, "bare": Model(source=BASE)})
    assert together == ("polite", "rude", "bare")
    assert model.adapters == {"polite": "x/polite", "rude": "x/rude"}
    assert model.licence == "MIT"


def test_what_is_loaded_differently_is_not_shared() -> None:
    models = {
        "base": Model(source=BASE),
        "nf4": Model(source=BASE, quantisation="nf4"),
        "pinned": Model(source=BASE, revision="v2"),
        "short": Model(source=BASE, context=1024),
        "other": Model(source="owner/other"),
    }
    assert names(**models) == [(name,) for name in models]


def test_one_name_for_two_adapters_keeps_a_base_of_its_own() -> None:
    one, two = ({"chat": f"x/{number}"} for number in (1, 2))
    tables = {
        name: Model(source=BASE, adapters=adapters)
        for name, adapters in (("a", one), ("b", two), ("c", one), ("d", two))
    }
    assert names(**tables) == [("a", "c"), ("b", "d")]


async def test_personas_of_two_tables_are_answered_by_one_backend(tmp_path: Path) -> None:
    profile = tmp_path / "test.toml"
    profile.write_text(
        "persona = 'assistant'\n"
        "[models.a]\nbackend = 'echo'\n"
        "[models.b]\nbackend = 'echo'\nadapters = { guide = 'x/guide' }\n"
        "[personas.assistant]\nmodel = 'a'\n"
        "[personas.culture_qa]\nmodel = 'b'\nadapter = 'guide'\n",
        "utf-8",
    )
    async with open_chat(profile) as chat:
        assert (await chat.ask("하나")).text == "하나"
        assert (await chat.ask("둘", persona="culture_qa")).text == "둘"
        ((_, together),) = chat.yard.pool.backends
        assert together == ["a", "b"]
