"""Words for people, in Korean and English: one `locales/LOCALE.toml` in each package."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from madang.contract import Problem

LOCALES = ("ko", "en")


@dataclass(frozen=True)
class Texts:
    """Look up words by dotted key; a package's own words come before those of madang."""

    words: Mapping[str, str]

    @classmethod
    def of(cls, package: str, locale: str) -> "Texts":
        """Return the words of a package and of madang in `locale`."""
        return cls({**catalogue("madang", locale), **catalogue(package, locale)})

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under `key` with `{name}` values filled in."""
        return self.words[key].format(**values)

    def problem(self, problem: Problem) -> str:
        """Return what a person is told of an error; details are for the log."""
        return self.words.get(f"problem.{problem.code}") or "\n".join(
            filter(None, (problem.message, problem.hint))
        )


@cache
def catalogue(package: str, locale: str) -> Mapping[str, str]:
    """Read a package's words in `locale`, flattened to dotted keys."""
    text = (files(package) / "locales" / f"{locale}.toml").read_text("utf-8")
    return dict(_flatten(tomllib.loads(text), ""))


def _flatten(table: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows += _flatten(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", str(value)))
    return rows
