"""From a `[forms.NAME]` table to a form."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from madang.contract import Form, Judge, Polish, Template
from madang.errors import nearest
from madang.persona.files import WatchedFiles
from madang.persona.polish import CutAt
from madang.persona.template import check, drop_newline
from madang.persona.toml import FormTable, persona_error
from madang.toml import KeyPath, dotted

T = TypeVar("T")


class FormMaker:
    """Make the forms of one persona, with the steps, judges and options it has."""

    def __init__(
        self,
        files: WatchedFiles,
        file: str,
        *,
        steps: Mapping[str, Polish],
        judges: Mapping[str, Judge],
        options: Collection[str],
    ) -> None:
        self.files = files
        self.file = file
        self.steps = steps
        self.judges = judges
        self.options = set(options)

    def form(self, name: str, table: FormTable) -> Form:
        """Return the form of one table; `PersonaError` or `TemplateError` name the key."""
        path = ("forms", name)
        return Form(
            name=name,
            kind=table.kind,
            template=self.template(path, table),
            history=table.history,
            sampling=table.sampling,
            polish=self.polish(path, table),
            judge=self.judge(path, table),
            attempts=table.attempts,
            strip=table.strip,
            request_class=table.request_class,
        )

    def template(self, path: KeyPath, table: FormTable) -> Template:
        """Read and check the four frames."""
        question = self.frame(table, (*path, "question"), "{question}", "question")
        answer = "{answer}\n" if table.kind == "completion" else "{answer}"
        return Template(
            head=self.frame(table, (*path, "head"), ""),
            question=question,
            past_question=self.frame(table, (*path, "past_question"), question, "question"),
            past_answer=self.frame(table, (*path, "past_answer"), answer, "answer"),
        )

    def frame(self, table: FormTable, path: KeyPath, default: str, needed: str = "") -> str:
        """Return one frame, written in place or in its file; `needed` is the value it holds."""
        text: str | None = getattr(table, path[-1])
        file: str | None = getattr(table, f"{path[-1]}_file")
        where = f"{self.file}: {dotted(path)}"
        if text is not None and file is not None:
            what = f"{path[-1]}_file is given too."
            raise persona_error(self.file, path, what, "Keep one of the two.")
        if file is not None:
            text = drop_newline(self.files.text(file))
            where = str(self.files.root / file)
        text = default if text is None else text
        check(
            text, where=where, known=self.options | ({needed} if needed else set()), needed=needed
        )
        return text

    def polish(self, path: KeyPath, table: FormTable) -> tuple[Polish, ...]:
        """Return the cut, where there is one, and the named steps."""
        steps = tuple(self.named(self.steps, name, (*path, "polish")) for name in table.polish)
        return (CutAt(table.cut_at), *steps) if table.cut_at else steps

    def judge(self, path: KeyPath, table: FormTable) -> Judge | None:
        """Return the judge, where one is named."""
        if table.judge is None:
            return None
        return self.named(self.judges, table.judge, (*path, "judge"))

    def named(self, things: Mapping[str, T], name: str, path: KeyPath) -> T:
        """Return a thing by name, or say which names there are."""
        if name not in things:
            raise persona_error(self.file, path, f"there is no '{name}'.", nearest(name, things))
        return things[name]
