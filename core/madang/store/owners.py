"""Which processes are alive: each holds a lock file for its life, and the kernel lets go."""

from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

SUFFIX = ".lock"


class Owners:
    """Hold this process's owner id and tell whether another owner lives.

    A lock outlives neither `kill -9` nor a crash, and an id is never used twice: an owner
    whose file is missing or free is dead for good. `enter` and `alive` are called inside a
    write transaction, which keeps processes from probing the same lock at once. Without a
    folder (a store in memory) there is nobody else.
    """

    def __init__(self, folder: Path | None) -> None:
        self.me = uuid4().hex
        self._folder = folder
        self._lock: FileLock | None = None

    def enter(self) -> None:
        """Begin to live, and sweep up after the dead."""
        if self._folder is None:
            return
        for file in self._folder.glob(f"*{SUFFIX}"):
            self.alive(file.name.removesuffix(SUFFIX))
        self._lock = FileLock(lock_file(self._folder, self.me), thread_local=False)
        self._lock.acquire(timeout=0)

    def alive(self, owner: str) -> bool:
        """Tell whether an owner lives; the lock file of a dead one is removed."""
        if owner == self.me:
            return True
        if self._folder is None:
            return False
        file = lock_file(self._folder, owner)
        if not file.exists():
            return False
        lock = FileLock(file, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except (Timeout, PermissionError):
            # Held, or another user's: then it is not ours to judge.
            return True
        lock.release()
        file.unlink(missing_ok=True)
        return False

    def leave(self) -> None:
        """Die in order: what this process left unanswered is anybody's."""
        if self._lock is not None:
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock = None


def lock_file(folder: Path, owner: str) -> Path:
    """Name the file that an owner holds."""
    return folder / f"{owner}{SUFFIX}"
