"""Adapters of one base: loaded side by side with PEFT, one of them on at a time."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pickle import PickleError
from typing import TYPE_CHECKING, Any

from madang.contract import Model
from madang.errors import MadangError, ModelNotLoaded, UnknownAdapter, UnsupportedParameter, nearest
from madang.inference.checkpoint import check_keys, check_weights
from madang.inference.exaone import MODEL_TYPE, rename_targets
from madang.inference.memory import count_numbers
from madang.inference.source import HUB_NAME, checkpoint_folder

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import PreTrainedModel


class Adapters:
    """Switch between the adapters of a base; the empty name is the base alone."""

    def __init__(self, name: str, base: "PreTrainedModel", model: Model) -> None:
        self.model = name
        self.names: list[str] = []
        self._refused: dict[str, MadangError] = {}
        self._base = base
        self._source = model.source
        self._allow_pickle = model.allow_pickle
        self._peft: PeftModel | None = None

    def load(self, name: str, folder: Path) -> None:
        """Add the adapter in `folder`; `ModelNotLoaded` when it was made for another base."""
        label = f"{self.model}, adapter {name}"
        check_weights(label, folder, allow_pickle=self._allow_pickle)
        try:
            missing, unexpected = self._load(name, folder)
            check_keys(label, str(folder), missing=missing, unexpected=unexpected)
        except (RuntimeError, ValueError, KeyError, TypeError, OSError, PickleError) as error:
            self._discard(name)
            raise ModelNotLoaded(
                f"adapter '{name}' in {folder} does not fit model '{self.model}': {_said(error)}",
                _made_for(folder),
            ) from error
        except MadangError:
            self._discard(name)
            raise
        self.names.append(name)

    def refuse(self, name: str, error: MadangError) -> None:
        """Keep why an adapter cannot be used, for those who ask for it; all others go on."""
        self._refused[name] = error

    def check(self, name: str) -> None:
        """Raise why `name` cannot be used, unless it is loaded or empty."""
        if name in self._refused:
            raise self._refused[name]
        check_name(self.model, name, dict.fromkeys(self.names))

    @contextmanager
    def using(self, name: str) -> Iterator["PreTrainedModel"]:
        """Give the base as it speaks with the adapter `name`, or without one."""
        if self._peft is None:
            yield self._base
        elif not name:
            with self._peft.disable_adapter():
                yield self._base
        else:
            self._peft.set_adapter(name, inference_mode=True)
            yield self._base

    def layers(self) -> Iterator[tuple[str, Any]]:
        """Walk what PEFT put into the base, each with its path."""
        from peft.tuners.tuners_utils import BaseTunerLayer
        from peft.utils import AuxiliaryTrainingWrapper

        for path, module in self._base.named_modules():
            if isinstance(module, (BaseTunerLayer, AuxiliaryTrainingWrapper)):
                yield path, module

    def changing_biases(self) -> list[str]:
        """List the adapters that replace biases of the base itself, for everybody."""
        configs = self._peft.peft_config if self._peft else {}
        return [name for name in self.names if getattr(configs[name], "bias", "none") != "none"]

    def unload(self) -> None:
        """Take PEFT out of the base again; `using` gives the base alone from then on."""
        if self._peft is not None:
            self._peft.unload()
            self._peft = None

    def _discard(self, name: str) -> None:
        """Take what was made of an adapter out of the base again."""
        if self._peft is None:
            return
        if not self.names:
            self.unload()
        elif name in self._peft.peft_config:
            self._peft.delete_adapter(name)

    def _load(self, name: str, folder: Path) -> tuple[list[str], list[str]]:
        from peft import PeftConfig, PeftModel

        config = PeftConfig.from_pretrained(str(folder))
        if config.is_prompt_learning:
            raise UnsupportedParameter(
                f"adapter '{name}' of model '{self.model}' is of kind {config.peft_type}",
                "The local backend takes adapters that change weights, such as LoRA.",
            )
        self._check_base(name, config.base_model_name_or_path or "")
        if self._base.config.model_type == MODEL_TYPE:
            rename_targets(config)
        config.inference_mode = True
        if self._peft is None:
            self._peft = PeftModel(self._base, config, name, autocast_adapter_dtype=False)
        else:
            self._peft.add_adapter(name, config, autocast_adapter_dtype=False)
        # The adapter exists by now, with the targets as they are named here, and is only filled.
        result = self._peft.load_adapter(
            str(folder),
            name,
            torch_device=str(self._base.device),
            autocast_adapter_dtype=False,
        )
        # PEFT looks for the name anywhere in a key: "y" would be found in "layers".
        missing = [key for key in result.missing_keys if _belongs(key, name)]
        return missing, result.unexpected_keys

    def _check_base(self, name: str, base: str) -> None:
        """Compare the names of the bases: of one shape, another base fits and speaks nonsense.

        Owners may differ, since many mirror a model. A folder has no name to compare.
        """
        names = [base, self._source]
        if any(Path(one).exists() or not HUB_NAME.fullmatch(one) for one in names):
            return
        made_for, loaded = (one.partition("/")[2].casefold() for one in names)
        if made_for != loaded:
            raise ModelNotLoaded(
                f"adapter '{name}' of model '{self.model}' was made for the base '{base}', "
                f"not for '{self._source}'",
                "Correct `adapters` or `source`. Where both are the same weights, set `source` to "
                "a folder that holds them: its name is not compared.",
            )


def find_adapters(name: str, model: Model) -> tuple[dict[str, Path], dict[str, MadangError]]:
    """Find the files of a table's adapters, and say of the others why there are none."""
    found: dict[str, Path] = {}
    refused: dict[str, MadangError] = {}
    for adapter, source in model.adapters.items():
        try:
            folder = checkpoint_folder(source, "", model)
            count_numbers(f"{name}, adapter {adapter}", folder)
        except MadangError as error:
            refused[adapter] = error
        else:
            found[adapter] = folder
    return found, refused


def check_name(model: str, adapter: str, known: Mapping[str, object]) -> None:
    """Raise `UnknownAdapter` unless the model has the adapter, or none is asked for."""
    if adapter and adapter not in known:
        raise UnknownAdapter(f"model '{model}' has no adapter '{adapter}'", nearest(adapter, known))


def _belongs(key: str, adapter: str) -> bool:
    path = key.removesuffix(".weight").removesuffix(".bias")
    return path.endswith(f".{adapter}") or f".modules_to_save.{adapter}." in key


def _said(error: Exception) -> str:
    """Keep one line of an error: torch gives every tensor that does not fit its own."""
    first, *others = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"{' '.join([first, *others[:1]])}{more}"


def _made_for(folder: Path) -> str:
    """Word the hint: the adapter's own settings name its base."""
    try:
        config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        base = config["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError):
        return "Check `adapters`; its adapter_config.json is missing, damaged or names no base."
    return f"It was made for the base '{base}'; check `adapters` and `source`."
