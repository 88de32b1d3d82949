"""A process of the bench: the bot's side or the worker's side of one candidate."""

import importlib
import os
import platform
import signal
import sys
import threading
from importlib.metadata import PackageNotFoundError, version
from typing import BinaryIO

from madang.bench.queue.candidates import CANDIDATES
from madang.bench.queue.messages import Job, Order, Reply, read, write


def main(name: str) -> None:
    """Be what the job on the first line says, and answer an order on every other."""
    # Ctrl-C goes to every process of a terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not look like a reply
    job = read(sys.stdin.buffer.readline(), Job)
    try:
        _be(name, job, sys.stdin.buffer, replies)
    except ModuleNotFoundError as error:
        _say(replies, Reply(problem=str(error), missing=error.name or name))
    except Exception as error:  # noqa: BLE001 - the parent words it
        _say(replies, Reply(problem=f"{type(error).__name__}: {error}"))


def _be(name: str, job: Job, orders: BinaryIO, replies: BinaryIO) -> None:
    candidate = CANDIDATES[name]
    module = importlib.import_module(candidate.module)
    ready = Reply(versions=_versions(candidate.packages))
    if job.role == "bot":
        with module.open_bot(job) as measure:
            _say(replies, ready)
            for line in orders:
                _say(replies, measure(read(line, Order)))
    else:
        threading.Thread(target=_end_with, args=(orders,), daemon=True).start()
        module.serve(job, lambda: _say(replies, ready))


def _end_with(orders: BinaryIO) -> None:
    """Leave no worker behind when the parent has gone, whatever it died of."""
    orders.read()
    os._exit(0)


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _say(replies: BinaryIO, reply: Reply) -> None:
    replies.write(write(reply))
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1])
