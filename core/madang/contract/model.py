"""What a model is: weights, adapters and how they are served; named in the profile."""

from typing import Literal

import msgspec

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Quantisation = Literal["none", "int8", "nf4"]


class SpecialIds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Override special token ids that a checkpoint states wrongly; None keeps the checkpoint's."""

    bos: int | None = None
    eos: tuple[int, ...] | None = None
    pad: int | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Describe one `[models.NAME]` table; only workers read the weights.

    `source` is a folder, `package:PACKAGE/PATH` for weights carried by a Python package, or the
    `OWNER/NAME` of a hub repository, of which `revision` is a branch, a tag or a commit; a
    tokenizer or an adapter has one of its own as `OWNER/NAME@REVISION`. `adapters` maps a name to
    a source. `context` is in tokens and counts prompt and answer together; 0 takes it from the
    checkpoint. Quantisation `nf4` is with double quantisation and computes in `dtype`.
    `restriction` is what the licence forbids, such as "non-commercial": such a model loads only
    when `accept_licences` names it. Code and pickled weights of a checkpoint run with the rights
    of madang, so both stay off.
    """

    source: str = ""
    backend: str = "local"
    revision: str = ""
    tokenizer: str = ""
    adapters: dict[str, str] = {}
    dtype: Dtype = "auto"
    quantisation: Quantisation = "none"
    special_ids: SpecialIds = SpecialIds()
    context: int = 0
    licence: str = ""
    licence_link: str = ""
    restriction: str = ""
    attribution: str = ""
    description: str = ""
    trust_remote_code: bool = False
    allow_pickle: bool = False


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """Declare what a backend can honour; a profile that asks for more is refused at load."""

    sampling: frozenset[str]
    kinds: frozenset[str] = frozenset({"chat", "completion"})
    adapters: bool = False
    slots: int = 1
