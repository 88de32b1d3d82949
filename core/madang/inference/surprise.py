"""How surprised a model is by ordinary text: what names and shapes cannot tell.

Swapped projections or another RoPE fit every check of a checkpoint's files. A model that was
trained expects ordinary text; one that is put together wrongly does not. A scaling of RoPE that
bends only far positions shows only in texts that are as long.
"""

import math
from collections.abc import Iterable

from madang.inference.loaded import Loaded


def surprise(loaded: Loaded, texts: Iterable[str], adapter: str = "") -> float:
    """Return the mean negative log-likelihood of the tokens of `texts`, in nats per token.

    The first token of each text is given. Guessing among all tokens alike is `guessing(loaded)`.
    """
    import torch

    losses: list[torch.Tensor] = []
    with torch.inference_mode(), loaded.adapters.using(adapter) as model:
        for text in texts:
            ids = torch.tensor([loaded.tokenizer.encode(text)], device=model.device)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
            losses.append(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none"))
    return float(torch.cat(losses).mean()) if losses else math.nan


def guessing(loaded: Loaded) -> float:
    """Return the surprise of a model that knows nothing, in nats per token."""
    return math.log(len(loaded.tokenizer))
