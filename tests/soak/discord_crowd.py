"""People on Discord who ask, edit, delete, press and command at random."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from random import Random

from tests.soak.ledger import Ledger, Question, idle
from tests.soak.soaking import AGAIN, SEED, Crowd

from madang.testing.discord import DiscordServer, Person
from madang.testing.discord.state.messages import Message
from madang.testing.discord.state.places import Place

PEOPLE, GUILDS, CHANNELS, THREADS = 24, 2, 3, 1
PAUSES = (1.5, 6.0)

Act = Callable[[Person, Random], Awaitable[None]]


class DiscordCrowd(Crowd):
    """Play everybody; `deaf` is whether the bot hears of nothing now."""

    count = PEOPLE

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.ledger = Ledger()
        self.deaf = False
        guilds = [server.guild(f"마당{number}") for number in range(GUILDS)]
        self._people = [server.person(f"사람{number}", *guilds) for number in range(PEOPLE)]
        self._places: list[Place] = []
        for guild in guilds:
            channels = [server.channel(guild, f"방{number}") for number in range(CHANNELS)]
            threads = [self._people[0].opens_thread(each, "실") for each in channels[:THREADS]]
            self._places += [*channels, *threads]
        self._asked: dict[int, Question] = {}
        self._messages: dict[int, Message] = {}
        self._abandoned: set[int] = set()

    # --- what people do ---------------------------------------------------------------------

    async def live(self, number: int, until: float) -> None:
        """Let somebody do one thing after another until a time."""
        person = self._people[number]
        dice = Random(f"{SEED} {number}")
        # Discord makes no list of direct messages: the bot has to know of them.
        self._says(person, person.dm, str(person.dm.id))
        acts: dict[Act, int] = {
            self._asks: 46,
            self._follows: 10,
            self._edits: 10,
            self._deletes: 6,
            self._retries: 6,
            self._stops: 5,
            self._turns: 4,
            self._continues: 4,
            self._removes: 3,
            self._chats: 6,
            self._resets: 2,
            self._chooses: 2,
        }
        while time.monotonic() < until:
            await asyncio.sleep(dice.uniform(*PAUSES))
            act = dice.choices(list(acts), list(acts.values()))[0]
            # The stand-in lets nobody press what is not there any more.
            with contextlib.suppress(AssertionError):
                await act(person, dice)

    async def _asks(self, person: Person, dice: Random) -> None:
        place = dice.choice([person.dm, person.dm, *self._places])
        talk = str(place.id) if place.thread or not place.guild else self._new_talk(place)
        self._says(person, place, talk, called=place.guild is not None)

    async def _follows(self, person: Person, dice: Random) -> None:
        """Reply to an answer, which goes on with its chain."""
        answers = [each for each in self._answers(person) if each.place.guild and each.reply_to]
        if answers:
            answer = dice.choice(answers)
            asked = self._asked.get(answer.reply_to.id if answer.reply_to else 0)
            talk = asked.talk if asked else self._new_talk(answer.place)
            self._says(person, answer.place, talk, reply_to=answer)

    async def _edits(self, person: Person, dice: Random) -> None:
        lately = [q for q in self._theirs(person)[-4:] if self.ledger.latest.get(q.talk) is q]
        if lately:
            question = dice.choice(lately)
            message = self._messages[question.number]
            call = "@마당이 " if message.place.guild and not message.reply_to else ""
            person.edits(message, call + self.ledger.reword(question, heard=not self.deaf))

    async def _deletes(self, person: Person, dice: Random) -> None:
        lately = self._theirs(person)[-5:]
        if lately:
            question = dice.choice(lately)
            person.deletes(self._messages[question.number])
            self.ledger.delete(question, heard=not self.deaf)

    async def _retries(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "다시")

    async def _stops(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "멈춤")

    async def _turns(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "◀")

    async def _continues(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "이어서")

    async def _removes(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "지우기")

    async def _presses(self, person: Person, dice: Random, label: str) -> None:
        answers = [each for each in self._answers(person) if label in each.buttons]
        if not answers:
            return
        answer = dice.choice(answers[-3:])
        named = self.ledger.about(answer.content)
        for question in named:
            self.ledger.touch(question)
        for question in [*named, *self._about(answer)]:
            question.may_stop |= label == "멈춤"
            question.may_lack |= label == "지우기"
        await person.clicks(answer, label)

    async def _chats(self, person: Person, dice: Random) -> None:
        """Ask by the command; what was not heard in time, or refused, is not asked."""
        place = dice.choice([person.dm, *self._places])
        chain = place.guild is not None and not place.thread
        talk = self._new_talk(place) if chain else str(place.id)
        question = self._question(person, place, talk)
        question.may_lack = True
        done = await person.slash(place, "chat", text=question.text)
        self._asked[done.id] = question
        if done.original is not None and not done.original.only_for and not self.deaf:
            question.may_lack = False
            self.ledger.touch(question)

    async def _resets(self, person: Person, dice: Random) -> None:
        place = dice.choice([person.dm, *self._places])
        mine = [q for q in self.ledger.questions if q.place == str(place.id)]
        for talk in {q.talk for q in mine if q.who == person.user.name or q.talk == q.place}:
            self.ledger.begin_anew(talk)
        await person.slash(place, "reset")

    async def _chooses(self, person: Person, dice: Random) -> None:
        place, name = dice.choice([person.dm, *self._places]), dice.choice(["parrot", "owl"])
        await person.slash(place, "persona use", name=name, where=dice.choice(["here", "me"]))

    # --- what is known of it ----------------------------------------------------------------

    def secret(self, place: Place) -> str:
        """Return the secret of a place."""
        return f"비밀{place.id}"

    def sights(self) -> int:
        """Count what was ever seen."""
        return sum(len(place.transcript.versions) for place in self.rooms())

    def rooms(self) -> list[Place]:
        """List all places."""
        return [*self._places, *(person.dm for person in self._people)]

    def shown(self, place: Place) -> list[Message]:
        """List the messages of the bot that stand in a place for everybody."""
        return [each for each in place.shown() if each.author is self.server.bot]

    def interrupted(self, seconds: float) -> None:
        """Note that the bot dies, and with it what it knows of interactions."""
        self.deaf = True
        for question in self.ledger.forgive(seconds):
            question.may_lack |= question.number not in self._messages
        since = self.server.clock.now() - seconds
        self._abandoned |= {
            each.id
            for place in self.rooms()
            for each in self.shown(place)
            if each.interaction and each.interaction.born >= since and idle(each.content)
        }

    def stopping(self) -> None:
        """Note that what is being answered now may end where it is."""
        unfinished = [each for place in self.rooms() for each in self._unfinished(place)]
        for question in [*unfinished, *self.ledger.lately(AGAIN)]:
            question.may_stop = True

    def problems(self) -> Iterator[str]:
        """Say what is wrong with what people see."""
        for place in self.rooms():
            shown = self.shown(place)
            texts = [each.content for each in shown]
            yield from self.ledger.check(str(place.id), self.secret(place), texts)
            for each in shown:
                if (each.thinking or idle(each.content)) and each.id not in self._abandoned:
                    yield f"{place.name}: waits for ever: {each.id} {each}"

    # --- inside -----------------------------------------------------------------------------

    def _question(self, person: Person, place: Place, talk: str) -> Question:
        return self.ledger.ask(
            place=str(place.id), talk=talk, secret=self.secret(place), who=person.user.name
        )

    def _says(
        self,
        person: Person,
        place: Place,
        talk: str,
        *,
        called: bool = False,
        reply_to: Message | None = None,
    ) -> None:
        question = self._question(person, place, talk)
        text = f"@마당이 {question.text}" if called else question.text
        message = person.says(place, text, reply_to=reply_to)
        self._asked[message.id], self._messages[question.number] = question, message

    def _new_talk(self, place: Place) -> str:
        return f"{place.id}/{len(self.ledger.questions) + 1}"

    def _theirs(self, person: Person) -> list[Question]:
        """List somebody's questions whose messages stand."""
        mine = [q for q in self.ledger.questions if q.who == person.user.name]
        said = [(q, self._messages[q.number]) for q in mine if q.number in self._messages]
        return [question for question, message in said if message.id in message.place.messages]

    def _answers(self, person: Person) -> list[Message]:
        """List the messages of the bot that answer somebody."""
        return [
            each
            for place in (person.dm, *self._places)
            for each in self.shown(place)
            if place.guild is None
            or (each.reply_to and each.reply_to.author is person.user)
            or (each.interaction and each.interaction.person is person.user)
        ]

    def _about(self, answer: Message) -> list[Question]:
        """List the questions that an answer may be about."""
        place = answer.place
        if place.guild is None or place.thread:
            return self.ledger.of(str(place.id))[-12:]
        key = answer.reply_to.id if answer.reply_to else 0
        asked = self._asked.get(answer.interaction.id if answer.interaction else key)
        return self.ledger.of(asked.talk) if asked else []

    def _unfinished(self, place: Place) -> list[Question]:
        texts = [each.content for each in self.shown(place)]
        return self.ledger.unfinished(str(place.id), texts)
