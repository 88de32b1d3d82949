"""Pieces of text against the tokenizer's own decode of the whole."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.inference import tiny
from tokenizers import Tokenizer, decoders, models

from madang.inference.detokenizer import PATIENCE, Detokenizer

TINY = tiny.tokenizer()
SPECIAL = frozenset(TINY.all_special_ids)
TEXTS = st.text(
    alphabet=st.sampled_from("안녕하세요ㅋㅋ각힣 a.\n😊👨‍👩‍👧é中\ufffd[]QA"), max_size=40
)


def decode(ids: list[int]) -> str:
    return str(TINY.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def pieces(ids: list[int], decode: Callable[[list[int]], str] = decode) -> list[str]:
    detokenizer = Detokenizer(decode, SPECIAL)
    return [*map(detokenizer.push, ids), detokenizer.flush()]


@given(TEXTS)
def test_text_comes_back_in_whole_characters(text: str) -> None:
    got = pieces(TINY.encode(text, add_special_tokens=False))
    assert "".join(got) == text
    if "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece in got)


@given(st.lists(st.integers(0, len(TINY) - 1), max_size=120))
def test_any_tokens_equal_the_full_decode(ids: list[int]) -> None:
    assert "".join(pieces(ids)) == decode(ids)


@given(st.lists(st.sampled_from([0, 2, *TINY.encode("😊힣")]), max_size=200))
def test_broken_bytes_equal_the_full_decode(ids: list[int]) -> None:
    assert "".join(pieces(ids)) == decode(ids)


def test_a_syllable_appears_as_soon_as_it_is_whole() -> None:
    ids = TINY.encode("힣", add_special_tokens=False)
    assert len(ids) == 3
    assert pieces(ids) == ["", "", "힣", ""]


def test_special_tokens_are_left_out_and_added_ones_kept() -> None:
    ids = TINY.encode("<s>[[Q]] 질문<|end|>", add_special_tokens=False)
    assert "".join(pieces(ids)) == "[[Q]] 질문"


@pytest.mark.parametrize("kind", ["whole", "broken"])
def test_a_token_decodes_a_bounded_window(kind: str) -> None:
    sizes: list[int] = []

    def measured(ids: list[int]) -> str:
        sizes.append(len(ids))
        return decode(ids)

    token = TINY.encode("힣")[0] if kind == "broken" else TINY.encode("a")[0]
    pieces([token] * 2000, measured)
    assert max(sizes) <= PATIENCE + 1
    assert len(sizes) <= 2 * 2000 + 1


def byte_fallback() -> Tokenizer:
    """Make a tokenizer of the SentencePiece kind: a word mark, and bytes for the rest."""
    words = ["<unk>", "▁마당", "▁", *(f"<0x{byte:02X}>" for byte in range(256))]
    pipeline = Tokenizer(
        models.BPE(
            vocab={word: id_ for id_, word in enumerate(words)},
            merges=[],
            byte_fallback=True,
            unk_token="<unk>",
        )
    )
    pipeline.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return pipeline


FALLBACK = byte_fallback()


def byte_ids(text: str) -> list[int]:
    return [byte + 3 for byte in text.encode()]


@given(st.lists(st.sampled_from(["마당", " ", "힣", "😊", "a"]), max_size=20))
def test_byte_fallback_keeps_spaces_and_characters(words: list[str]) -> None:
    ids = [id_ for word in words for id_ in {"마당": [1], " ": [2]}.get(word, byte_ids(word))]
    got = pieces_of_fallback(ids)
    assert "".join(got) == FALLBACK.decode(ids)
    assert not any("\ufffd" in piece for piece in got)


def pieces_of_fallback(ids: list[int]) -> list[str]:
    detokenizer = Detokenizer(FALLBACK.decode, frozenset())
    return [*map(detokenizer.push, ids), detokenizer.flush()]


def test_ids_that_the_tokenizer_lacks_cost_no_space() -> None:
    ids = [1, 9000, 9000, 1]
    assert "".join(pieces_of_fallback(ids)) == FALLBACK.decode(ids) == "마당 마당"


def test_a_wrong_byte_takes_nothing_back() -> None:
    ids = [1, *byte_ids("힣"), 3 + 0x80, 1]
    assert "".join(pieces_of_fallback(ids)) == "마당힣\ufffd 마당"


@given(st.lists(st.integers(1, 258), max_size=60))
def test_byte_fallback_survives_any_bytes(ids: list[int]) -> None:
    assert all(isinstance(piece, str) for piece in pieces_of_fallback(ids))
