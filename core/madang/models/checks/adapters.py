"""An adapter: made for this base, with the published rank and targets, and of its shapes."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from madang.errors import ModelNotLoaded
from madang.inference.safetensors_header import Tensor, read_header
from madang.inference.source import HUB_NAME
from madang.models.checks.config import read_json
from madang.models.checks.finding import Finding, compared
from madang.models.facts import Facts
from madang.models.part import Part
from madang.models.presence import ADAPTER_CONFIG

FILE = "adapter_model.safetensors"
PREFIX = "base_model.model."
FOREIGN = "It was made for another base: check `adapters` and `source`."


def check_adapter(
    part: Part, place: Path, base: str, tensors: Mapping[str, Tensor], facts: Facts | None
) -> Iterator[Finding]:
    """Compare an adapter with the `base` that it is bound to and with the base's tensors."""
    what = part.role
    config = read_json(place / ADAPTER_CONFIG)
    if not config:
        yield Finding("failure", what, f"{ADAPTER_CONFIG} is missing or damaged", "Fetch it again.")
        return
    known = facts.adapters.get(part.source) if facts else None
    made_for = str(config.get("base_model_name_or_path") or "")
    bases = {base, known.base if known else base, *(facts.sources if facts else ())}
    if made_for in bases:
        yield Finding("ok", what, f"made for {made_for}")
    else:
        # Trainers often state a folder of their own machine; the shapes below decide then.
        named = known is not None and HUB_NAME.fullmatch(made_for)
        words = f"made for '{made_for}', bound to '{base}'"
        yield Finding("failure" if named else "warning", what, words, FOREIGN)
    if known and known.rank:
        rank, alpha = config.get("r"), config.get("lora_alpha")
        yield compared(f"{what}: rank", known.rank, rank, guess=False, hint=FOREIGN)
        yield compared(f"{what}: alpha", known.alpha, alpha, guess=False, hint=FOREIGN)
        targets = config.get("target_modules")
        found = sorted(targets) if isinstance(targets, list) else targets
        yield compared(f"{what}: targets", sorted(known.targets), found, guess=False, hint=FOREIGN)
    yield _fit(what, place, tensors)


def _fit(what: str, place: Path, tensors: Mapping[str, Tensor]) -> Finding:
    if not (place / FILE).is_file():
        return Finding("failure", what, f"{FILE} is missing", "Pickled adapters are not read.")
    try:
        header = read_header(FILE, place / FILE)
    except ModelNotLoaded as error:
        return Finding("failure", what, error.message, error.hint)
    for name, tensor in header.items():
        problem = _problem(name, tensor, tensors)
        if problem and tensors:
            return Finding("failure", what, problem, FOREIGN)
    return Finding("ok", what, f"{len(header)} tensors, all fit the base")


def _problem(name: str, tensor: Tensor, tensors: Mapping[str, Tensor]) -> str:
    module, _, side = name.removeprefix(PREFIX).partition(".lora_")
    if not side:
        return ""
    base = tensors.get(f"{module}.weight")
    if base is None:
        return f"the base has no {module}"
    wide = tensor.shape[-1] if side.startswith("A") else tensor.shape[0]
    meant = base.shape[-1] if side.startswith("A") else base.shape[0]
    return "" if wide == meant else f"{name} has {wide} where the base has {meant}"
