"""A checkpoint's tokenizer, with the special ids that its model table corrects."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.contract import Model
from madang.errors import ModelNotLoaded

if TYPE_CHECKING:
    from transformers import GenerationConfig, PreTrainedConfig, PreTrainedTokenizerFast


def load_tokenizer(name: str, folder: Path, model: Model) -> "PreTrainedTokenizerFast":
    """Read the tokenizer in `folder` as `tokenizer.json` states it.

    The class named in a checkpoint may rebuild the pipeline and lose its normaliser, so it is
    asked only where there is no `tokenizer.json`.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    kind = PreTrainedTokenizerFast if (folder / "tokenizer.json").is_file() else AutoTokenizer
    try:
        tokenizer = kind.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise ModelNotLoaded(
            f"'{name}': {folder} holds no tokenizer that could be read: {error}",
            "Set `tokenizer` to the base model's, or fetch the files again.",
        ) from error
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelNotLoaded(
            f"'{name}': the tokenizer in {folder} is not a fast one",
            "Set `tokenizer` to a source that has a tokenizer.json.",
        )
    if kind is PreTrainedTokenizerFast:
        _check_pipeline(name, folder / "tokenizer.json", tokenizer)
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    _correct(name, tokenizer, model)
    return tokenizer


def end_ids(
    model: Model,
    generation: "GenerationConfig | None",
    config: "PreTrainedConfig",
    tokenizer: "PreTrainedTokenizerFast",
) -> frozenset[int]:
    """Return the ids that end an answer.

    Those of the table replace the checkpoint's, which may name ordinary tokens by mistake.
    Else the generation config's, as `generate` does, or the config's or tokenizer's without one.
    """
    if model.special_ids.eos is not None:
        return frozenset(model.special_ids.eos)
    for ids in (
        getattr(generation, "eos_token_id", None),
        getattr(config, "eos_token_id", None),
        tokenizer.eos_token_id,
    ):
        if ids is not None:
            return frozenset([ids] if isinstance(ids, int) else ids)
    return frozenset()


def _check_pipeline(name: str, file: Path, tokenizer: "PreTrainedTokenizerFast") -> None:
    """Refuse a tokenizer that lost a step on the way: other ids would reach the model."""
    stated = json.loads(file.read_text("utf-8"))
    for step in ("normalizer", "pre_tokenizer"):
        wanted = _kind(stated.get(step))
        part = getattr(tokenizer.backend_tokenizer, step)
        found = _kind(json.loads(part.__getstate__()) if part else None)
        if wanted != found:
            raise ModelNotLoaded(
                f"'{name}': the {step} of {file} is {wanted}, but the tokenizer has {found}",
                "Another version of transformers may read it; please report this checkpoint.",
            )


def _kind(step: dict[str, Any] | None) -> object:
    return step.get("type") if step else None


def _correct(name: str, tokenizer: "PreTrainedTokenizerFast", model: Model) -> None:
    given = model.special_ids
    ids = {"bos": given.bos, "pad": given.pad}
    size = len(tokenizer)
    for role, id_ in [*ids.items(), *(("eos", id_) for id_ in given.eos or ())]:
        if id_ is not None and not 0 <= id_ < size:
            raise ModelNotLoaded(
                f"'{name}': special_ids.{role} is {id_}, but the tokenizer has {size} ids",
                f"Correct `special_ids` of [models.{name}].",
            )
    if given.bos is not None:
        tokenizer.bos_token = tokenizer.convert_ids_to_tokens(given.bos)
    if given.pad is not None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(given.pad)
