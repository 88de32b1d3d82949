"""What a server says it serves, compared with what a table expects."""

from collections.abc import Mapping, Sequence

from madang.errors import nearest
from madang.openai.connection import Connection
from madang.openai.dialect import Dialect
from madang.openai.problems import Problems
from madang.openai.wire import LoadStep, Served, ServedList, decode


async def find_served(
    connection: Connection, dialect: Dialect, model: str, adapters: Mapping[str, str]
) -> int:
    """Make sure that a model and its adapters are there; return the context, 0 if untold."""
    if dialect.loads:
        await _load(connection, model)
        return 0
    text = await connection.get("models")
    found = decode(text, ServedList)
    if found is None:
        raise connection.problems.malformed(text)
    served = _named(found.data, "the model", model, connection.problems)
    for adapter in adapters.values() if dialect.lists_adapters else ():
        _named(found.data, "the adapter", adapter, connection.problems)
    return served.context


def _named(there: Sequence[Served], what: str, name: str, problems: Problems) -> Served:
    for served in there:
        if name in (served.id, *(served.aliases or ())):
            return served
    raise problems.not_there(f"{what} '{name}'", nearest(name, [served.id for served in there]))


async def _load(connection: Connection, model: str) -> None:
    """Have `transformers serve` load a model; what it lists is only what lies in its cache."""
    async for data in connection.events("/load_model", {"model": model}):
        step = decode(data, LoadStep)
        if step is None:
            raise connection.problems.malformed(data)
        if step.status == "error":
            raise connection.problems.not_there(f"the model '{model}'", step.message)
