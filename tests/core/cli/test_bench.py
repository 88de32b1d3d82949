"""What `madang bench` takes, before anything is measured."""

import pytest

from madang.bench.engine.candidates import PEERS
from madang.bench.engine.shapes import SHAPES
from madang.cli import main

Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "what", ("startup", "store", "engine", "adapters", "turns", "queue", "discord", "telegram")
)
def test_each_bench_has_help(what: str, capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", what, "--help"])
    assert stopped.value.code == 0
    assert f"madang bench {what}" in capsys.readouterr().out


def test_the_help_of_the_engine_explains_every_peer_and_shape(capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "engine", "--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in (*PEERS, *SHAPES, "examples:"))


def test_a_peer_that_is_misspelt_names_the_nearest(capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "engine", "--peers", "card_loop,lama_cpp"])
    assert stopped.value.code == 2
    assert "'llama_cpp'" in capsys.readouterr().err


@pytest.mark.parametrize("option", ("--requests", "--rounds", "--new-tokens"))
def test_nothing_is_measured_zero_times(option: str, capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "engine", option, "0"])
    assert "1 or more" in capsys.readouterr().err


def test_a_queue_that_is_misspelt_names_the_nearest(capsys: Said) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "queue", "--peers", "dramatic"])
    assert stopped.value.code == 2
    assert "'dramatiq'" in capsys.readouterr().err


@pytest.mark.parametrize("option", ("--seconds", "--lease"))
def test_nothing_is_measured_for_no_time(option: str, capsys: Said) -> None:
    with pytest.raises(SystemExit):
        main(["bench", "queue", option, "0"])
    assert "more than 0" in capsys.readouterr().err
