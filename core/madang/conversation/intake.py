"""What is checked of a text before it is taken into a conversation."""

from dataclasses import dataclass

from madang.contract import Author, Place, Turn
from madang.conversation.answers import Answers
from madang.conversation.binding import Bound
from madang.conversation.message import clean_message
from madang.conversation.quota import Allowance
from madang.conversation.turns import question_of
from madang.errors import Refused


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Clean texts, have filters decide on them, and compare limits."""

    answers: Answers
    allowance: Allowance

    async def text(self, place: Place, author: Author, text: str, bound: Bound) -> str:
        """Return what is stored of a text; raises `Refused` where a filter refuses it."""
        text = clean_message(text, self.answers.settings().limits.message_characters)
        decision = await self.answers.filters_of(bound).incoming(text, author, place)
        if decision.refused:
            raise Refused(decision.refused, "Say it in other words.")
        return decision.text

    async def ask(self, place: Place, author: Author, text: str, bound: Bound) -> str:
        """Return what is stored of a question, when its author may ask one."""
        await self.allowance.check(author.id, place)
        return await self.text(place, author, text, bound)

    async def ask_again(self, answer: Turn, place: Place) -> None:
        """Check the limits of who asked for an answer, whoever wants another one now."""
        question = await question_of(self.answers.store, answer)
        await self.allowance.check(question.author.id if question else "", place)
