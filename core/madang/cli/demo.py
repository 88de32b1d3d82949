"""Ask the demo model its held-out questions, show it in a chat, or train it anew.

evaluate: every held-out question goes through the same path as a chat; the table shows how many
answers were right, by persona and by kind of question (paraphrase, typo, no spaces, reworded
without the keyword, and unknown, where the honest answer is that it does not know).
transcript: people on a local server talk with its personas through the real bot; what they saw in
the end is printed.
train: makes tokenizer, base and adapters from the corpora; well under an hour on two cores.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from madang.contract import Author, Place
from madang.conversation import Reply
from madang.demo.corpus import PERSONAS
from madang.demo.evaluate import Result, measure, table
from madang.errors import MissingPackage
from madang.setup import Setup, prepare
from madang.yard import Yard, open_yard

BOT = "evaluate"
PLATFORMS = ("discord", "telegram")


def arguments(parser: argparse.ArgumentParser, given: Sequence[str]) -> None:
    """Add the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    evaluate = actions.add_parser("evaluate", help="ask the held-out questions")
    evaluate.add_argument("--persona", action="append", choices=PERSONAS, help="only this persona")
    evaluate.add_argument(
        "--limit", type=_positive, metavar="N", help="only the first N of each persona"
    )
    evaluate.add_argument("--wrong", action="store_true", help="list every wrong answer as well")
    evaluate.add_argument("--json", action="store_true", help="print one JSON object")
    transcript = actions.add_parser("transcript", help="print a conversation on a platform")
    transcript.add_argument("platform", choices=PLATFORMS, help="whose bot")
    train = actions.add_parser("train", help="train it from the corpora")
    train.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    train.add_argument("--quick", action="store_true", help="seconds long; teaches nothing")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def run(options: argparse.Namespace) -> int:
    """Evaluate, print a conversation, or train."""
    if options.action == "train":
        # Training needs torch at once, evaluating only when the model is loaded.
        from madang.demo.train import QUICK, Plan, train

        train(options.out, QUICK if options.quick else Plan())
        return 0
    if options.action == "transcript":
        return _transcript(options.platform)
    setup = prepare("demo", os.environ)
    result = asyncio.run(_evaluate(setup, options.persona or PERSONAS, options.limit))
    print(_json(result) if options.json else table(result))
    if options.wrong:
        for verdict in result.wrong():
            print(f"\n{verdict.persona} ({verdict.question.kind}) {verdict.question.ask}")
            print(f"  {verdict.answer}")
    return 0


def _transcript(platform: str) -> int:
    try:
        from madang.demo.transcript import TRANSCRIPTS

        print(asyncio.run(TRANSCRIPTS[platform]()))
    except ImportError as error:
        raise MissingPackage(
            f"A conversation on {platform} needs a package that is not there: {error.name}.",
            f"Install it: pip install 'madang[{platform}]'.",
        ) from error
    return 0


async def _evaluate(setup: Setup, personas: Sequence[str], limit: int | None) -> Result:
    async with open_yard(setup, store=":memory:") as yard:
        examiner = _Examiner(yard)
        await yard.conversations.open(BOT, examiner.deliver)
        return await measure(examiner.answer, personas, limit=limit)


class _Examiner:
    """Be a bot that asks each question in a place of its own."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._asked = 0
        self._answers: dict[Place, asyncio.Future[str]] = {}

    async def answer(self, persona: str, question: str) -> str:
        """Return what the model says, before polishing; a refused draft counts as said."""
        self._asked += 1
        place = Place(f"{BOT}/{self._asked}")
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[place] = waiting
        author = Author(place.key, "examiner")
        await self._yard.conversations.say(place, author, question, persona=persona)
        if self._asked % 50 == 0:
            print(f"  {self._asked} questions asked", file=sys.stderr)
        return await waiting

    async def deliver(self, reply: Reply) -> None:
        """Take an answer to its place."""
        await reply.final()
        turn = await self._yard.store.turn(reply.turn.id)
        waiting = self._answers.pop(reply.place)
        if not waiting.done():
            waiting.set_result(turn.raw if turn else "")


def _json(result: Result) -> str:
    return json.dumps(
        [
            {
                "persona": rate.persona,
                "kind": rate.kind,
                "right": rate.right,
                "asked": rate.asked,
                "share": round(rate.share, 3),
            }
            for rate in result.rates()
        ],
        indent=2,
    )
