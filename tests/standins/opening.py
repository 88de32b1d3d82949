"""The profile `seeds` from end to end, with stand-ins where the models would be."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.standins.backend import StandInBackend

from madang.contract import Model
from madang.setup import Setup, prepare
from madang.testing import Chat
from madang.yard import open_yard

ACCEPTED = {"MADANG__ACCEPT_LICENCES": "slang,finance"}


@dataclass(kw_only=True)
class Seeds:
    """Hold an open chat on the profile, and the stand-in of each model that was made."""

    chat: Chat
    models: dict[str, StandInBackend] = field(default_factory=dict)


def seeds_setup(
    models: dict[str, StandInBackend],
    script: Sequence[str] = ("네.",),
    environ: Mapping[str, str] = ACCEPTED,
) -> Setup:
    """Read the profile and let stand-ins serve its models; they are put into `models`."""
    setup = prepare("seeds", environ)

    def make(name: str, model: Model, /) -> StandInBackend:
        return models.setdefault(name, StandInBackend(name, model, script))

    return replace(setup, plugins=replace(setup.plugins, backends={"local": make}))


@contextlib.asynccontextmanager
async def open_seeds(*script: str, **settings: str) -> AsyncIterator[Seeds]:
    """Chat on the profile; `settings` are variables, such as `PERSONA="culture_qa"`."""
    models: dict[str, StandInBackend] = {}
    environ = ACCEPTED | {f"MADANG__{name}": value for name, value in settings.items()}
    setup = seeds_setup(models, script or ("네.",), environ)
    async with open_yard(setup, store=":memory:") as yard:
        chat = Chat(yard=yard)
        await yard.conversations.open("test", chat.deliver)
        yield Seeds(chat=chat, models=models)
        await yard.conversations.settled()
