"""How many tokens a prompt has, where its tokenizer is not at hand."""

import math

from madang.contract import Prompt

ASCII_PER_TOKEN = 3.0
TOKENS_PER_OTHER = 1.5
TOKENS_PER_MESSAGE = 8
"""What is reckoned with, on the safe side.

English takes about four characters a token. A Hangul syllable takes from half a token, where the
vocabulary is Korean, to about 1.4 with vocabularies that know little of it. A chat template writes
four or five tokens around a message.
"""


def estimate(prompt: Prompt) -> int:
    """Return a number of tokens that a prompt rarely exceeds."""
    text = prompt.text
    plain = sum(char.isascii() for char in text)
    tokens = plain / ASCII_PER_TOKEN + (len(text) - plain) * TOKENS_PER_OTHER
    return math.ceil(tokens) + TOKENS_PER_MESSAGE * (len(prompt.segments) + 1)
