"""Levels merge field by field, the narrower one winning."""

from types import NoneType
from typing import get_args

import msgspec
import pytest
from msgspec import UnsetType

from madang.contract import Model, Place, Sampling
from madang.errors import UnknownModel, UnknownPersona
from madang.settings import (
    BotSettings,
    DailyLimit,
    ModeSettings,
    PersonaSettings,
    PlaceSettings,
    SamplingOverride,
    Settings,
)

CHANNEL = Place("discord/1/2")
ELSEWHERE = Place("telegram/9")


def test_nothing_said_means_the_defaults() -> None:
    resolved = Settings(persona="pal").place(CHANNEL)
    assert (resolved.enabled, resolved.persona, resolved.locale) == (True, "pal", "ko")
    assert resolved.filters == ()


def test_the_narrowest_place_wins() -> None:
    settings = Settings(
        bots={"discord": BotSettings(persona="bot", locale="en")},
        places={
            "discord": PlaceSettings(persona="everywhere"),
            "discord/1": PlaceSettings(persona="guild"),
            "discord/1/2": PlaceSettings(enabled=False),
        },
    )
    resolved = settings.place(CHANNEL)
    assert (resolved.enabled, resolved.persona, resolved.locale) == (False, "guild", "en")
    assert settings.place(ELSEWHERE).persona == ""


def test_one_channel_of_a_closed_guild_may_be_open() -> None:
    places = {"discord/1": PlaceSettings(enabled=False), "discord/1/2": PlaceSettings(enabled=True)}
    settings = Settings(places=places)
    assert settings.place(CHANNEL).enabled
    assert not settings.place(Place("discord/1/3")).enabled


def test_a_bot_that_is_off_is_off_everywhere() -> None:
    settings = Settings(
        bots={"discord": BotSettings(enabled=False)},
        places={"discord/1": PlaceSettings(enabled=True)},
    )
    assert not settings.place(CHANNEL).enabled


def test_a_place_replaces_the_enabled_filters() -> None:
    settings = Settings(
        filters={"a": {"enabled": True}, "b": {"kind": "wordlist", "words": ["x"]}},
        places={"discord/1": PlaceSettings(filters=("b",)), "telegram": PlaceSettings(filters=())},
    )
    assert settings.place(CHANNEL).filters == ("b",)
    assert settings.place(ELSEWHERE).filters == ()
    assert settings.place(Place("tty")).filters == ("a",)
    table = settings.filter("b")
    assert (table.kind, table.enabled, table.options) == ("wordlist", False, {"words": ["x"]})
    assert settings.filter("unlisted").kind == "unlisted"


def test_a_daily_limit_counts_where_the_narrowest_level_says_it() -> None:
    settings = Settings(
        bots={"discord": BotSettings(daily_requests=1000, daily_tokens=9)},
        places={
            "discord/1": PlaceSettings(daily_requests=100),
            "discord/1/2": PlaceSettings(daily_tokens=0),
        },
    )
    resolved = settings.place(Place("discord/1/2/3"))
    assert resolved.daily_requests == DailyLimit(100, "discord/1")
    assert resolved.daily_tokens == DailyLimit(0, "discord/1/2")
    assert settings.place(Place("discord/2")).daily_requests == DailyLimit(1000, "discord")
    assert settings.place(ELSEWHERE).daily_tokens == DailyLimit()


@pytest.fixture
def bound() -> Settings:
    return Settings(
        models={"small": Model(), "big": Model()},
        defaults=PersonaSettings(model="small", form="general", options={"tone": "warm"}),
        personas={
            "pal": PersonaSettings(
                adapter="pal",
                options={"age": "20"},
                sampling=SamplingOverride(temperature=0.5, top_k=10),
                modes={"loud": ModeSettings(form="loud"), "vast": ModeSettings(model="big")},
            )
        },
        bots={
            "discord": BotSettings(
                personas={"pal": PersonaSettings(sampling=SamplingOverride(top_k=5))}
            )
        },
        places={
            "discord/1": PlaceSettings(
                personas={"pal": PersonaSettings(enabled=False, history=3, options={"age": "30"})}
            ),
            "telegram": PlaceSettings(personas={"pal": PersonaSettings(model="big")}),
        },
    )


def test_a_binding_merges_every_level(bound: Settings) -> None:
    binding = bound.binding("pal", "", CHANNEL)
    assert not binding.enabled
    assert (binding.model, binding.form, binding.adapter) == ("small", "general", "pal")
    assert binding.options == {"tone": "warm", "age": "30"}
    assert binding.history == 3
    sampling = binding.sampling_override.apply(Sampling(max_new_tokens=7, top_k=1))
    assert sampling == Sampling(max_new_tokens=7, temperature=0.5, top_k=5)


def test_a_binding_needs_no_place(bound: Settings) -> None:
    binding = bound.binding("pal")
    assert binding.enabled
    assert binding.history is None


def test_a_persona_without_a_table_takes_the_defaults(bound: Settings) -> None:
    binding = bound.binding("stranger")
    assert (binding.model, binding.form, binding.adapter) == ("small", "general", "")


def test_a_mode_says_what_differs(bound: Settings) -> None:
    binding = bound.binding("pal", "loud", CHANNEL)
    assert (binding.mode, binding.form, binding.adapter) == ("loud", "loud", "pal")


def test_an_adapter_stays_with_its_model(bound: Settings) -> None:
    assert bound.binding("pal", "", ELSEWHERE).adapter == ""
    vast = bound.binding("pal", "vast")
    assert (vast.model, vast.adapter) == ("big", "")


def test_a_mode_keeps_its_adapter_only_beside_its_model() -> None:
    settings = Settings(
        models={"small": Model(), "big": Model()},
        personas={
            "pal": PersonaSettings(
                model="small",
                modes={
                    "a": ModeSettings(adapter="x"),
                    "b": ModeSettings(adapter="y", model="small"),
                },
            )
        },
        bots={"discord": BotSettings(personas={"pal": PersonaSettings(model="big")})},
    )
    assert settings.binding("pal", "a", CHANNEL).adapter == ""
    assert settings.binding("pal", "b", CHANNEL).adapter == "y"
    assert settings.binding("pal", "a").adapter == "x"


def test_an_unknown_mode_names_the_nearest(bound: Settings) -> None:
    with pytest.raises(UnknownPersona, match="Did you mean 'loud'"):
        bound.binding("pal", "lowd")


def test_a_model_that_is_not_there_is_refused(bound: Settings) -> None:
    lost = PersonaSettings(model="smal")
    with pytest.raises(UnknownModel, match="Did you mean 'small'"):
        Settings(models=bound.models, personas={"pal": lost}).binding("pal")
    with pytest.raises(UnknownModel, match=r"\[personas.pal\] or \[defaults\]"):
        Settings(models=bound.models).binding("pal")


def test_an_override_has_every_field_of_sampling_and_its_ranges() -> None:
    kinds = {field.name: field.type for field in msgspec.structs.fields(SamplingOverride)}
    for field in msgspec.structs.fields(Sampling):
        said = [kind for kind in get_args(field.type) if kind is not NoneType]
        optional = NoneType in get_args(field.type)
        assert kinds.pop(field.name) == (said[0] if optional else field.type) | UnsetType
    assert not kinds
