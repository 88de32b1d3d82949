"""Names in a profile are checked against the plugins that are there."""

from madang.contract import Form, Model, Persona, PersonaText, Template
from madang.settings import (
    BotSettings,
    ModeSettings,
    PersonaSettings,
    PlaceSettings,
    Settings,
    check_names,
)

TEXT = PersonaText(title="벗", description="", greeting="", samples=())
FORMS = {"general": Form(name="general", kind="chat", template=Template())}
PAL = Persona(name="pal", texts={"ko": TEXT}, forms=FORMS, options={"tone": "warm"})


def problems(settings: Settings) -> list[str]:
    found = check_names(settings, {"pal": PAL}, ["tty"], ["wordlist"], ["local"])
    return [str(problem) for problem in found]


def test_a_profile_that_fits_has_no_problems() -> None:
    settings = Settings(
        persona="pal:loud",
        models={"demo": Model()},
        personas={"pal": PersonaSettings(form="general", options={"tone": "cold"})},
        bots={"tty": BotSettings(persona="pal")},
        places={"tty/1": PlaceSettings(personas={"pal": PersonaSettings()})},
        filters={"mine": {"kind": "wordlist"}},
    )
    assert problems(settings) == []


def test_every_name_that_nobody_answers_to_is_listed() -> None:
    settings = Settings(
        persona="pall",
        models={"demo": Model(backend="lokal")},
        personas={"pel": PersonaSettings()},
        bots={"tti": BotSettings(persona="pla")},
        places={"ttx/1": PlaceSettings(personas={"pol": PersonaSettings()})},
        filters={"wordlst": {}},
    )
    keys = [words.partition(": ")[0] for words in problems(settings)]
    assert keys == [
        "persona",
        "bots.tti.persona",
        "personas.pel",
        'places."ttx/1".personas.pol',
        "bots.tti",
        'places."ttx/1"',
        "filters.wordlst",
        "models.demo.backend",
    ]
    assert all("Did you mean" in words for words in problems(settings))


def test_a_form_and_an_option_must_be_the_personas() -> None:
    table = PersonaSettings(
        form="generl", options={"tome": "x"}, modes={"m": ModeSettings(form="gneral")}
    )
    words = problems(Settings(personas={"pal": table}))
    assert [each.partition(": ")[0] for each in words] == [
        "personas.pal.form",
        "personas.pal.modes.m.form",
        "personas.pal.options.tome",
    ]
