"""Questions and answers out of a document: what every bot and the terminal offer alike.

`generate` is the whole: it reads a file, cuts it into passages, has a persona make pairs of them
as bulk requests, and returns them with a JSONL file.
"""

from madang.generating.generate import generate
from madang.generating.job import Headway, Watch
from madang.generating.jsonl import Generated
from madang.generating.reading import KINDS, MOST_BYTES, Document, check_file
from madang.generating.sampler import Pair
from madang.generating.words import headway_words, outcome_words

__all__ = [
    "KINDS",
    "MOST_BYTES",
    "Document",
    "Generated",
    "Headway",
    "Pair",
    "Watch",
    "check_file",
    "generate",
    "headway_words",
    "outcome_words",
]
