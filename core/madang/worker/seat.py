"""One model's place in the pool: who uses it, who waits for it, and what it takes."""

import asyncio
from dataclasses import dataclass, field

from madang.contract import Backend, LoadProgress, Resident


@dataclass(eq=False)
class Ticket:
    """Let somebody wait until a model is loaded, and be told how far it is."""

    tell: LoadProgress
    admitted: "asyncio.Future[None]"

    @property
    def used(self) -> bool:
        """Say whether its holder has become a user, also one who does not know it yet."""
        admitted = self.admitted
        return admitted.done() and not admitted.cancelled() and admitted.exception() is None


@dataclass(eq=False)
class Seat:
    """Count the users of one backend; `need` is in bytes and 0 until it was asked for.

    A `claimed` model is to leave: those who come now wait until it is there again. `used` is
    when somebody came or went last.
    """

    backend: Backend
    need: int = 0
    loaded: bool = False
    loads: int = 0
    claimed: bool = False
    users: int = 0
    used: float = 0.0
    done: float = 0.0
    waiting: list[Ticket] = field(default_factory=list)
    loading: "asyncio.Task[None] | None" = None
    resting: "asyncio.Task[None] | None" = None

    @property
    def resident(self) -> Resident | None:
        """Return the backend if its model takes memory here."""
        return self.backend if isinstance(self.backend, Resident) else None

    @property
    def open(self) -> bool:
        """Say whether one who comes now may use the model at once."""
        return self.loaded and not self.claimed

    @property
    def idle(self) -> bool:
        """Say whether the model is loaded for nobody."""
        return self.loaded and not self.users

    def sit(self, users: int = 1) -> None:
        """Count users in; the model is not idle any more."""
        self.users += users
        self.used = asyncio.get_running_loop().time()
        self.wake()

    def stand(self) -> None:
        """Count a user out."""
        self.users -= 1
        self.used = asyncio.get_running_loop().time()

    def wake(self) -> None:
        """Forget for how long the model was idle."""
        if self.resting is not None:
            self.resting.cancel()
            self.resting = None

    def report(self, done: float) -> None:
        """Tell those who wait how far the model is loaded, from 0 to 1."""
        self.done = done
        for ticket in self.waiting:
            ticket.tell(done)

    def admit(self) -> None:
        """Make users of all who wait, before anybody else can have the model unloaded."""
        tickets = [ticket for ticket in self.waiting if not ticket.admitted.done()]
        self.waiting.clear()
        if tickets:
            self.sit(len(tickets))
        for ticket in tickets:
            ticket.admitted.set_result(None)

    def refuse(self, error: BaseException | None) -> None:
        """Tell all who wait why there is no model; None when loading was called off."""
        tickets = [ticket for ticket in self.waiting if not ticket.admitted.done()]
        self.waiting.clear()
        for ticket in tickets:
            if error is None:
                ticket.admitted.cancel()
            else:
                ticket.admitted.set_exception(error)
