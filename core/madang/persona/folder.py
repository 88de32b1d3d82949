"""A persona that lives in a folder and is read again when its files change."""

import importlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from madang.contract import Judge, Persona, Polish
from madang.errors import PersonaError
from madang.persona.files import WatchedFiles
from madang.persona.forms import FormMaker
from madang.persona.polish import STEPS
from madang.persona.toml import parse_persona, persona_error

LOG = logging.getLogger("madang.persona")
FILE = "persona.toml"


class PersonaFolder:
    """Give the persona of a folder with a `persona.toml`.

    `polish` and `judges` name functions that the forms may use, besides the steps of
    `madang.persona.polish`. `problem` is why the newest version of the files is not in use.
    """

    def __init__(
        self,
        path: Path,
        *,
        polish: Mapping[str, Polish] | None = None,
        judges: Mapping[str, Judge] | None = None,
    ) -> None:
        self.path = path
        self.problem: PersonaError | None = None
        self._steps = {**STEPS, **(polish or {})}
        self._judges = dict(judges or {})
        self._files = WatchedFiles(path)
        self._persona: Persona | None = None

    @classmethod
    def of(
        cls,
        package: str,
        *,
        polish: Mapping[str, Polish] | None = None,
        judges: Mapping[str, Judge] | None = None,
    ) -> Self:
        """Return the folder of an imported package; call it with `__name__`."""
        path = Path(importlib.import_module(package).__file__ or "").parent
        if not (path / FILE).is_file():
            message = f"{path}: the package '{package}' has no {FILE}."
            hint = f"Put {FILE} beside its __init__.py, and install the package unzipped."
            raise PersonaError(message, hint)
        return cls(path, polish=polish, judges=judges)

    def __repr__(self) -> str:
        return f"PersonaFolder({str(self.path)!r})"

    @property
    def name(self) -> str:
        """Return the persona's name."""
        return self.current().name

    def current(self) -> Persona:
        """Return the persona as its files are now, or the last good version of it.

        `PersonaError` or `TemplateError` as long as there was no good version.
        """
        if self._files.changed:
            self._reload()
        if self._persona is not None:
            return self._persona
        raise self.problem or PersonaError(f"{self.path}: is not read yet.")

    def _reload(self) -> None:
        self._files.forget()
        try:
            self._persona = self._read()
        except PersonaError as error:
            self.problem = error
            if self._persona is not None:
                LOG.warning("%s keeps its last good version: %s", self._persona.name, error)
        else:
            self.problem = None

    def _read(self) -> Persona:
        file = str(self.path / FILE)
        table = parse_persona(self._files.text(FILE), file)
        if self._persona is not None and table.name != self._persona.name:
            what = f"changed from '{self._persona.name}' to '{table.name}'."
            raise persona_error(file, ("name",), what, "Restart to rename a persona.")
        maker = FormMaker(
            self._files, file, steps=self._steps, judges=self._judges, options=table.options
        )
        return Persona(
            name=table.name,
            texts=table.text,
            forms={name: maker.form(name, form) for name, form in table.forms.items()},
            options=table.options,
            filters=table.filters,
            avatar=table.avatar,
        )
