"""Filters: they see what people type before it is stored, and answers before they are shown."""

from madang.filters.builder import FilterBuilder
from madang.filters.chain import FilterChain
from madang.filters.wordlist import WordList
from madang.filters.words import Words

__all__ = ["FilterBuilder", "FilterChain", "WordList", "Words"]
