"""The weights: every file whole, every layer there, the published names, the stated shapes."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from madang.errors import ModelNotLoaded
from madang.inference.memory import GIB
from madang.inference.safetensors_header import Tensor, read_header
from madang.models.checks.finding import Finding
from madang.models.facts import Facts
from madang.models.presence import pickles, weight_files
from madang.models.sizes import Shape

LAYER = re.compile(r"\.(?:layers|h)\.(\d+)\.")
EMBEDDINGS = ("embed_tokens.weight", "wte.weight", "embed_in.weight")
AGAIN = "Fetch it again: madang models remove NAME, then pull."


def check_weights(
    place: Path, facts: Facts | None, config: Mapping[str, object], allow_pickle: bool
) -> tuple[list[Finding], dict[str, Tensor]]:
    """Return the findings, and the tensors that the headers list; none when a file is bad."""
    files = weight_files(place)
    if not files:
        return [_without(place, allow_pickle)], {}
    findings: list[Finding] = []
    tensors: dict[str, Tensor] = {}
    for file in files:
        if not file.is_file():
            findings.append(Finding("failure", "weights", f"{file.name} is missing", AGAIN))
            continue
        try:
            tensors |= read_header(file.name, file)
        except ModelNotLoaded as error:
            findings.append(Finding("failure", "weights", error.message, AGAIN))
    if findings:
        return findings, {}
    size = sum(each.bytes for each in tensors.values()) / GIB
    found = f"{len(files)} files, {len(tensors)} tensors, {size:.1f} GiB"
    return [Finding("ok", "weights", found), *_tensors(tensors, facts, config)], tensors


def _without(place: Path, allow_pickle: bool) -> Finding:
    names = ", ".join(file.name for file in pickles(place))
    if names and allow_pickle:
        words = f"only pickled ones, which are not opened to verify them: {names}"
        return Finding("warning", "weights", words)
    if names:
        hint = "Choose a source with safetensors; pickled weights can run code."
        return Finding("failure", "weights", f"only pickled ones: {names}", hint)
    return Finding("failure", "weights", "there are none", AGAIN)


def _tensors(
    tensors: Mapping[str, Tensor], facts: Facts | None, config: Mapping[str, object]
) -> Iterator[Finding]:
    missing = [name for name in (facts.tensors if facts else ()) if name not in tensors]
    if missing:
        hint = "It is another model, or was saved under other names."
        yield Finding("failure", "tensor names", f"no {', '.join(missing)}", hint)
    elif facts:
        yield Finding("ok", "tensor names", "as published")
    try:
        shape = Shape.of(config)
    except ValueError:
        return  # told by the check of config.json
    yield _layers(tensors, shape)
    yield from _embeddings(tensors, shape)


def _layers(tensors: Mapping[str, Tensor], shape: Shape) -> Finding:
    found = {int(match[1]) for name in tensors if (match := LAYER.search(name))}
    gaps = sorted(set(range(shape.layers)) ^ found)
    if not gaps:
        return Finding("ok", "layers", f"{shape.layers}, all there")
    words = f"the weights have {len(found)}, config.json says {shape.layers}"
    return Finding("failure", "layers", words, f"Not in both: {_some(gaps)}.")


def _embeddings(tensors: Mapping[str, Tensor], shape: Shape) -> Iterator[Finding]:
    for name, tensor in tensors.items():
        if name.endswith(EMBEDDINGS) and tensor.shape != (shape.vocabulary, shape.hidden):
            words = f"{tensor.shape}, config.json says {(shape.vocabulary, shape.hidden)}"
            yield Finding("failure", name, words, "Weights and config.json do not belong together.")


def _some(numbers: list[int], limit: int = 5) -> str:
    more = f" and {len(numbers) - limit} more" if len(numbers) > limit else ""
    return ", ".join(map(str, numbers[:limit])) + more
