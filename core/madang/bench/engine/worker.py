"""The process of one candidate: orders come in on one pipe, replies go out on another."""

import importlib
import os
import signal
import sys
from typing import BinaryIO

import msgspec

from madang.bench.engine.candidates import CANDIDATES
from madang.bench.engine.memory import peak, resident
from madang.bench.engine.messages import Job, Limit, Order, Problem, Reply
from madang.errors import MadangError, MissingPackage
from madang.inference.device import set_memory_habits


def main(name: str) -> None:
    """Load the candidate of the job on the first line, then answer an order on every other."""
    # Ctrl-C goes to every process of a terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not look like a reply
    set_memory_habits()  # for the peers, too
    try:
        _serve(name, sys.stdin.buffer, replies)
    except MadangError as error:
        problem = Problem(error.message, error.hint, isinstance(error, MissingPackage))
        _say(replies, Reply(problem=problem))


def _serve(name: str, orders: BinaryIO, replies: BinaryIO) -> None:
    candidate = CANDIDATES[name]
    job = msgspec.json.decode(orders.readline(), type=Job)
    for package in candidate.imports:
        _import(package)
    before = resident()
    with candidate.open(job) as answer:
        _say(replies, Reply(peak=peak(before)))
        for line in orders:
            result = answer(msgspec.json.decode(line, type=Order))
            limit, run = (result, None) if isinstance(result, Limit) else (None, result)
            _say(replies, Reply(run=run, limit=limit, peak=peak(before)))


def _import(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError:
        return  # the candidate itself says what it lacks


def _say(replies: BinaryIO, reply: Reply) -> None:
    replies.write(msgspec.json.encode(reply) + b"\n")
    replies.flush()


if __name__ == "__main__":
    main(sys.argv[1])
