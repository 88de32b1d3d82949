"""Sample questions put to a model through the backend that serves it."""

import time
import uuid

from madang.contract import Backend, Model, Prompt, Request, Sampling, Segment
from madang.contract.prompt import Part as Text
from madang.errors import MadangError
from madang.inference import LocalBackend
from madang.models.checks.finding import Finding
from madang.models.facts import Facts, Question
from madang.models.part import parts_of

ANY = Question(kind="completion", text="안녕하세요. 저는")
SHORT = Sampling(max_new_tokens=32)
SHOWN = 200  # characters of an answer that are printed and kept


async def answer_all(
    name: str, model: Model, facts: Facts | None
) -> tuple[list[Finding], dict[str, str]]:
    """Answer the sample questions of the facts, or a general one; loads the model for it."""
    questions = facts.questions if facts else (ANY,)
    sampling = facts.sampling if facts else SHORT
    adapters = {part.source: part.adapter for part in parts_of(name, model) if part.adapter}
    backend = LocalBackend(name, model)
    findings: list[Finding] = []
    answers: dict[str, str] = {}
    try:
        for question in questions:
            adapter = adapters.get(question.adapter, "")
            if question.adapter and not adapter:
                words = f"left out: {question.adapter} is not among the adapters"
                findings.append(Finding("warning", "answer", words))
                continue
            text, reason = await _answer(backend, _request(name, question, adapter, sampling))
            findings.append(_judged(text, reason))
            answers[question.text] = text[:SHOWN]
    except MadangError as error:
        findings.append(Finding("failure", "answer", error.message, error.hint))
    finally:
        await backend.close()
    return findings, answers


async def _answer(backend: Backend, request: Request) -> tuple[str, str]:
    text, reason = "", ""
    async for output in backend.generate(request):
        text += output.text
        reason = output.reason or reason
    return text.strip(), reason


def _judged(text: str, reason: str) -> Finding:
    """Only that something comes can be told by a machine; whether it is good is for people."""
    if not text:
        hint = "Look at the ids that end an answer, and at the prompt."
        return Finding("failure", "answer", f"nothing came, finished by '{reason}'", hint)
    return Finding("ok", "answer", f"{text[:SHOWN]} ({reason})")


def _request(name: str, question: Question, adapter: str, sampling: Sampling) -> Request:
    segment = Segment(kind="tail", role="user", parts=(Text(question.text),))
    return Request(
        id=uuid.uuid4().hex,
        nonce=uuid.uuid4().hex,
        conversation="verify",
        user="verify",
        model=name,
        prompt=Prompt(question.kind, (segment,), question.stripped),
        sampling=sampling,
        deadline=time.time() + 24 * 3600,
        adapter=adapter,
    )
