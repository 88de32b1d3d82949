"""How many threads compute a step, given what else the machine does."""

import time

WINDOW_SECONDS = 0.5
RETRY_SECONDS = 20.0
CROWDED = 0.8  # of the time that the threads would have had alone
PATIENCE = 3  # windows in a row; preparing kernels for new shapes takes one thread, and passes


class Threads:
    """Compute with fewer threads while other programs want the cores.

    Threads wait for each other after every product. When one of them has to share its core, all
    wait until the system gives it back, which takes milliseconds each time: a step then takes 10
    to 20 times as long as with the threads that have a core of their own.
    """

    def __init__(self, most: int) -> None:
        self.count = most
        self._most = most
        self._retry = 0.0
        self._crowded = 0
        self._begin()

    def rest(self) -> None:
        """Begin to measure anew, after a time without steps."""
        self._begin()

    def stepped(self) -> bool:
        """Look at the time that the last steps had; True when `count` has changed."""
        now = time.monotonic()
        wall = now - self._wall
        if wall < WINDOW_SECONDS:
            return False
        share = (time.process_time() - self._cpu) / (wall * self.count)
        before = self.count
        self._crowded = self._crowded + 1 if share < CROWDED else 0
        if self.count < self._most and now > self._retry:
            self.count = self._most
            self._crowded = 0
        elif self.count > 1 and self._crowded == PATIENCE:
            self.count = max(1, self.count // 2)
            self._crowded = 0
            self._retry = now + RETRY_SECONDS
        self._begin()
        return self.count != before

    def _begin(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()
