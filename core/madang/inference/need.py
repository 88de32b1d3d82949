"""How much memory a local model will take, and how much there is for all of them."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from madang.contract import Model
from madang.inference.adapters import find_adapters
from madang.inference.checkpoint import check_weights, read_config
from madang.inference.device import choose_device, choose_dtype, free_bytes
from madang.inference.fit import check_memory
from madang.inference.memory import RUN_TIME, count_numbers, measure
from madang.inference.source import checkpoint_folder, missing_package

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

MARGIN = 10  # one part in so many stays free, up to what one model needs to run
TOGETHER = 16  # requests that the KV cache is to hold at once, with TURNS tokens of each
TURNS = 2048
CACHE = 2  # one part in so many of the weights, which the KV cache of many requests may take
SMALL = 2**26  # bytes that it may take beside the smallest model


def bytes_needed(name: str, model: Model, limit: int | None = None) -> int:
    """Tell from the headers the bytes of weights, adapters, KV cache and run time.

    What is not on this machine is fetched. Raises `ModelNotLoaded`, with what would fit, when
    `limit` bytes do not even hold one context, or when files are missing or damaged.
    """
    folder = checkpoint_folder(model.source, model.revision, model)
    check_weights(name, folder, allow_pickle=model.allow_pickle)
    adapters, _ = find_adapters(name, model)
    numbers = sum(count_numbers(f"{name}, adapter {key}", path) for key, path in adapters.items())
    need, width = measure(name, folder), _width(model, read_config(name, folder))
    context, extra = model.context or need.context, width * numbers
    if limit is not None:
        least = replace(model, context=max(context, model.cache_tokens))
        room = "the room for models"
        check_memory(name, least, need, limit, device=room, width=width, extra=extra)
    weights, copies = need.weights(model.quantisation, width) + extra, kv_copies(model)
    each = copies * width * need.kv_numbers
    left = None if limit is None else limit - weights - min(RUN_TIME, weights)
    tokens = cache_tokens(model, context, each=each, weights=weights, room=left)
    total = need.total(model.quantisation, copies * tokens, width, extra)
    return total if limit is None else min(total, limit)


def kv_copies(model: Model) -> int:
    """Return how often each token is held: on a CPU running requests also have working rows."""
    return 1 if model.engine == "plain" or choose_device().type == "cuda" else 2


def cache_tokens(
    model: Model, context: int, *, each: int, weights: int, room: int | None = None
) -> int:
    """Return how many tokens the KV cache holds, of all requests together.

    As many as the table says. Else one context, and more where many requests share it, there is
    `room` and it stays small beside the weights. `each` is the size of one token; sizes in bytes.
    """
    if model.cache_tokens or model.engine == "plain" or not each:
        return max(context, model.cache_tokens)
    wanted = min(model.slots or TOGETHER, TOGETHER) * min(context, TURNS)
    fitting = max(weights // CACHE, SMALL)
    if room is not None:
        fitting = min(fitting, room)
    return max(context, min(wanted, fitting // each))


def free_for_models() -> int | None:
    """Measure what models may take: what is free but a tenth, which is at most `RUN_TIME`.

    None where the system does not say.
    """
    try:
        free = free_bytes(choose_device())
    except ImportError as error:
        raise missing_package(error) from error
    return None if free is None else free - min(free // MARGIN, RUN_TIME)


def _width(model: Model, config: dict[str, object]) -> int:
    try:
        # What chooses the dtype asks a config for attributes only; reading it as transformers
        # does would also report what it finds odd, on a terminal where somebody chats.
        stated = cast("PreTrainedConfig", SimpleNamespace(**config))
        return choose_dtype(model, stated, choose_device()).itemsize
    except ImportError as error:
        raise missing_package(error) from error
