"""The backends and filters that come with madang, registered like any stranger's.

Each is imported when it is first made: `local` pulls in torch, `openai` an HTTP client.
"""

from madang.contract import Backend, Filter, Model
from madang.hookspecs import RegisterBackend, RegisterFilter, hookimpl


@hookimpl
def register_backends(register: RegisterBackend) -> None:
    """Register the one on this machine, the one that asks a server, and the one for tests."""
    register("local", _local)
    register("openai", _openai)
    register("echo", _echo)


@hookimpl
def register_filters(register: RegisterFilter) -> None:
    """Register the word list."""
    register("wordlist", _wordlist)


def _local(name: str, model: Model) -> Backend:
    from madang.inference.local import LocalBackend

    return LocalBackend(name, model)


def _openai(name: str, model: Model) -> Backend:
    from madang.openai import OpenAIBackend

    return OpenAIBackend(name, model)


def _echo(name: str, model: Model) -> Backend:
    from madang.testing.echo import EchoBackend

    return EchoBackend(name, model)


def _wordlist(settings: dict[str, object]) -> Filter:
    from madang.filters.wordlist import WordList

    return WordList.of(settings)
