"""What the package imports from itself."""

from madang.filters import WordList

NAME = "parrot"
make = WordList.of
