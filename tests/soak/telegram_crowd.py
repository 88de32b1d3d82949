"""People on Telegram who ask, edit, press and command at random."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from random import Random

from tests.soak.ledger import Ledger, Question, idle
from tests.soak.soaking import AGAIN, SEED, Crowd

from madang.testing.telegram import Chat, Message, Person, Sight, TelegramServer, Topic

PEOPLE, GROUPS, TOPICS = 20, 3, 2
PAUSES = (1.5, 6.0)
LOOKED = 3.0

Act = Callable[[Person, Random], Awaitable[None]]
Place = Chat | Topic


class TelegramCrowd(Crowd):
    """Play everybody; while `shuffled` nobody does what depends on the order."""

    count = PEOPLE

    def __init__(self, server: TelegramServer) -> None:
        self.server = server
        self.ledger = Ledger()
        self.shuffled = False
        self.deaths = 0
        self._people = [server.person(f"사람{number}") for number in range(PEOPLE)]
        owner, *others = self._people
        self._groups: list[Place] = [
            server.group(f"방{number}", owner, *others) for number in range(GROUPS)
        ]
        forum = server.forum("마당", owner, *others)
        self._groups += [owner.opens_topic(forum, f"글{number}") for number in range(TOPICS)]
        self._asked: dict[tuple[int, int], Question] = {}
        self._messages: dict[int, Message] = {}

    # --- what people do ---------------------------------------------------------------------

    async def live(self, number: int, until: float) -> None:
        """Let somebody do one thing after another until a time."""
        person = self._people[number]
        dice = Random(f"{SEED} {number}")
        acts: dict[Act, int] = {
            self._asks: 50,
            self._follows: 4,
            self._edits: 12,
            self._retries: 6,
            self._stops: 6,
            self._turns: 4,
            self._continues: 4,
            self._undoes: 2,
            self._resets: 2,
            self._chooses: 2,
        }
        while time.monotonic() < until:
            await asyncio.sleep(dice.uniform(*PAUSES))
            act = dice.choices(list(acts), list(acts.values()))[0]
            # The stand-in lets nobody press what is not there any more.
            with contextlib.suppress(AssertionError, LookupError):
                await act(person, dice)

    async def _asks(self, person: Person, dice: Random) -> None:
        place = self._somewhere(person, dice)
        call = dice.choice(("@madang_bot ", "/chat ")) if _chat(place).is_group else ""
        self._says(person, place, call)

    async def _follows(self, person: Person, dice: Random) -> None:
        """Reply to something that the bot said in a group."""
        place = dice.choice(self._groups)
        answers = self._said(place)
        if answers:
            self._says(person, place, "", reply_to=dice.choice(answers[-3:]))

    async def _edits(self, person: Person, dice: Random) -> None:
        mine = [q for q in self.ledger.questions if q.who == person.user.first_name][-4:]
        lately = [q for q in mine if self.ledger.latest.get(q.talk) is q]
        if lately and not self.shuffled:
            question = dice.choice(lately)
            message = self._messages[question.number]
            call, _, _ = message.text.partition("Q")
            person.edits(message, call + self.ledger.reword(question, heard=True))

    async def _retries(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "다시")

    async def _turns(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, dice.choice("◀▶"))

    async def _continues(self, person: Person, dice: Random) -> None:
        await self._presses(person, dice, "이어서")

    async def _stops(self, person: Person, dice: Random) -> None:
        """Stop by the button, by the one of a draft, or by the command."""
        place = self._somewhere(person, dice)
        if self.shuffled:
            return
        for question in self._unfinished(place):
            question.may_stop = True
        how = dice.choice(("draft", "button", "command"))
        if how == "command":
            person.says(place, "/stop")
        elif isinstance(place, Chat) and place.kind == "private" and how == "draft":
            person.presses_stop(place)
        else:
            await self._presses(person, dice, "멈추기", place)

    async def _presses(
        self, person: Person, dice: Random, label: str, place: Place | None = None
    ) -> None:
        place = place or self._somewhere(person, dice)
        there = [each for each in self._said(place) if label in str(each.buttons)]
        if there:
            answer = dice.choice(there[-3:])
            for question in self.ledger.about(answer.text):
                self.ledger.touch(question)
            await person.clicks(answer, label).answered(LOOKED)

    async def _undoes(self, person: Person, dice: Random) -> None:
        place = self.server.private(person)
        if not self.shuffled:
            self.ledger.begin_anew(_key(place))
            person.says(place, "/undo")

    async def _resets(self, person: Person, dice: Random) -> None:
        place = self._somewhere(person, dice)
        if not self.shuffled:
            self.ledger.begin_anew(_key(place))
            person.says(place, "/reset")

    async def _chooses(self, person: Person, dice: Random) -> None:
        place = self._somewhere(person, dice)
        person.says(place, "/persona")
        await self._presses(person, dice, dice.choice(("앵무새", "올빼미")), place)

    # --- what is known of it ----------------------------------------------------------------

    def interrupted(self, seconds: float) -> None:
        """Note that the bot dies, and which messages it may not know to be its own."""
        self.ledger.forgive(seconds)
        self.deaths += seconds > 0

    def reordered(self, seconds: float) -> None:
        """Note that what was done lately may come in another order."""
        for question in self.ledger.forgive(seconds):
            self.ledger.latest.pop(question.talk, None)

    def stopping(self) -> None:
        """Note that what is being answered now may end where it is."""
        unfinished = [each for place in self.rooms() for each in self._unfinished(place)]
        for question in [*unfinished, *self.ledger.lately(AGAIN)]:
            question.may_stop = True

    def sights(self) -> int:
        """Count what was ever seen."""
        return sum(len(chat.transcript.sights) for chat in self.server.world.chats.values())

    def problems(self) -> Iterator[str]:
        """Say what is wrong with what people see."""
        for place in self.rooms():
            texts = [each.text for each in self._shown(place)]
            yield from self.ledger.check(_key(place), _secret(place), texts)
            waiting = [text for text in texts if idle(text)]
            if len(waiting) > self._orphans(place):
                yield f"{_key(place)}: {len(waiting)} messages wait for ever: {waiting}"

    def rooms(self) -> list[Place]:
        """List all places."""
        return [*map(self.server.private, self._people), *self._groups]

    # --- inside -----------------------------------------------------------------------------

    def _orphans(self, place: Place) -> int:
        """Count the placeholders that nobody may know of: a response was lost, or a process."""
        chat = _chat(place).id
        lost = [
            call
            for call in self.server.calls
            if call.chat_id == chat and call.fault == "lost" and call.method == "sendMessage"
        ]
        return len(lost) + self.deaths

    def _somewhere(self, person: Person, dice: Random) -> Place:
        return dice.choice(self._groups) if dice.random() < 0.1 else self.server.private(person)

    def _says(
        self, person: Person, place: Place, call: str, *, reply_to: Message | None = None
    ) -> None:
        question = self.ledger.ask(
            place=_key(place),
            talk=_key(place),
            secret=_secret(place),
            who=person.user.first_name,
        )
        message = person.says(place, call + question.text, reply_to=reply_to)
        self._asked[message.chat.id, message.id] = question
        self._messages[question.number] = message

    def _shown(self, place: Place) -> list[Sight]:
        """List the messages of the bot that stand in a place."""
        thread = place.id if isinstance(place, Topic) else 0
        screen = _chat(place).transcript.screen(thread)
        mine = [each for each in screen if each.by_bot and each.what in ("message", "edit")]
        return sorted(mine, key=lambda each: each.id)

    def _said(self, place: Place) -> list[Message]:
        return [_chat(place).messages[each.id] for each in self._shown(place)]

    def _unfinished(self, place: Place) -> list[Question]:
        return self.ledger.unfinished(_key(place), [each.text for each in self._shown(place)])


def _chat(place: Place) -> Chat:
    return place.chat if isinstance(place, Topic) else place


def _key(place: Place) -> str:
    return f"{place.chat.id}/{place.id}" if isinstance(place, Topic) else str(place.id)


def _secret(place: Place) -> str:
    return "비밀" + re.sub(r"\D", "_", _key(place))
