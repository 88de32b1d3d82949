"""A request out of range is refused wherever it is decoded."""

import msgspec
import pytest

from madang.contract import Request, Sampling
from madang.testing import a_request


def test_the_defaults_are_in_range() -> None:
    assert msgspec.convert(msgspec.to_builtins(Sampling()), Sampling) == Sampling()


@pytest.mark.parametrize(
    "changes",
    [
        {"max_new_tokens": 0},
        {"temperature": -0.1},
        {"temperature": float("inf")},
        {"temperature": float("nan")},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_k": -1},
        {"min_p": -0.1},
        {"min_p": 1.1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": float("inf")},
        {"stop": ("a", "")},
    ],
)
def test_sampling_out_of_range_is_refused(changes: dict[str, object]) -> None:
    request = a_request(sampling=Sampling(**changes))  # type: ignore[arg-type]
    with pytest.raises(msgspec.ValidationError, match=r"\$\.sampling"):
        msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=Request)
