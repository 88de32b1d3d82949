"""A real model in a real engine, step by step on the test's own thread."""

import dataclasses
import warnings
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Sequence as List
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from madang.contract import Model, Output, Sampling
from madang.errors import ModelError
from madang.inference.engine.blocks import BlockManager
from madang.inference.engine.engine import Engine, Run
from madang.inference.engine.lora import take_deltas
from madang.inference.engine.prepare import prepare
from madang.inference.engine.rows import RowCache
from madang.inference.engine.runner import Runner
from madang.inference.engine.scheduler import Scheduler
from madang.inference.engine.sequence import Sequence
from madang.inference.loaded import Loaded
from madang.inference.loader import load
from madang.inference.written import Written

ROOM = 24
Prompt = tuple[int, ...]


def prompts(count: int = 6, seed: int = 0, vocabulary: int = 500) -> list[Prompt]:
    """Make prompts of 1 to 70 tokens, of which the last ones begin alike."""
    random = torch.Generator().manual_seed(seed)
    lengths = (1, 7, 17, 40, 61, 70)[:count]
    whole = torch.randint(4, vocabulary, (4, max(lengths)), generator=random).tolist()
    return [tuple(whole[min(at, 3)][:length]) for at, length in enumerate(lengths)]


class Reference:
    """Say what transformers and PEFT themselves answer, one request at a time."""

    def __init__(
        self,
        folder: Path,
        adapters: Mapping[str, Path],
        *,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self._folder = folder
        self._adapters = adapters
        self._base: Any = AutoModelForCausalLM.from_pretrained(
            folder, attn_implementation="eager", dtype=dtype
        )
        self._base.generation_config.eos_token_id = None
        self._peft: PeftModel | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PEFT asks for what transformers will rename
            for name, path in adapters.items():
                self._adapt(name, str(path))
        self._known: dict[tuple[Prompt, str], list[int]] = {}

    def _adapt(self, name: str, path: str) -> None:
        if self._peft is None:
            self._peft = PeftModel.from_pretrained(self._base, path, name)
        else:
            self._peft.load_adapter(path, name)

    def answer(self, prompt: Prompt, adapter: str, count: int = ROOM) -> list[int]:
        """Return the first `count` tokens of the greedy answer."""
        key = prompt, adapter
        if len(self._known.get(key, ())) < count:
            self._known[key] = self._generate(prompt, adapter, max(count, ROOM))
        return self._known[key][:count]

    def logits(self, tokens: List[int], adapter: str) -> torch.Tensor:
        """Return the logits of every position, in fp32."""
        with torch.inference_mode(), self._speaking(adapter) as model:
            out = model(input_ids=torch.tensor([list(tokens)]), use_cache=False).logits
        return torch.as_tensor(out)[0].float()

    def rounded(self, dtype: torch.dtype) -> "Reference":
        """Return the same in another dtype."""
        return Reference(self._folder, self._adapters, dtype=dtype)

    def _generate(self, prompt: Prompt, adapter: str, count: int) -> list[int]:
        ids = torch.tensor([prompt])
        with torch.inference_mode(), self._speaking(adapter) as model:
            out = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=count,
                do_sample=False,
            )
        return [int(token) for token in out[0, len(prompt) :]]

    @contextmanager
    def _speaking(self, adapter: str) -> Iterator[Any]:
        if self._peft is None:
            yield self._base
        elif adapter:
            self._peft.set_adapter(adapter)
            yield self._base
        else:
            with self._peft.disable_adapter():
                yield self._base


def loaded(folder: Path, adapters: Mapping[str, Path], **table: Any) -> Loaded:
    """Load a checkpoint and prepare it for the engine; no token ends its answers."""
    names = {name: str(path) for name, path in adapters.items()}
    table = {"dtype": "float32", **table}
    made = load("tiny", Model(source=str(folder), adapters=names, **table), lambda done: None)
    prepare(made.model, take_deltas(made.adapters))
    return dataclasses.replace(made, ends=frozenset())


@dataclass(eq=False, kw_only=True)
class Ask:
    """Describe a request: when it comes, and when it is cancelled, in steps of the rig."""

    prompt: Prompt = field(repr=False)
    room: int = ROOM
    adapter: str = ""
    sampling: Sampling = field(default_factory=Sampling, repr=False)
    priority: int = 0
    comes: int = 0
    goes: int | None = None


@dataclass(eq=False)
class Answer:
    """Hold what came of a request so far."""

    run: Run
    outputs: list[Output] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def tokens(self) -> list[int]:
        """Return the tokens of the answer."""
        sequence = self.run.sequence
        return sequence.tokens[sequence.prompt_length :]

    def tell(self, what: Output | ModelError) -> None:
        """Take what the engine says."""
        if isinstance(what, ModelError):
            self.error = what
        else:
            self.outputs.append(what)


class Rig:
    """Hold an engine over a prepared model, of a size that the test chooses."""

    def __init__(
        self,
        model: Loaded,
        *,
        blocks: int = 64,
        size: int = 8,
        slots: int = 8,
        prefill: int = 64,
        prefill_beside: int = 16,
        ahead: int = 0,
    ) -> None:
        self.loaded = model
        self.blocks = BlockManager(blocks, size)
        self.scheduler = Scheduler(
            self.blocks, slots=slots, prefill=prefill, prefill_beside=prefill_beside
        )
        self.cache = RowCache(blocks=blocks, size=size)
        names = model.adapters.names
        self.runner = Runner(model.model, self.cache, slots=slots, context=64, adapters=names)
        self.engine = Engine(model.name, self.scheduler, self.runner, self.cache, ahead=ahead)

    def add(self, ask: Ask) -> Answer:
        """Let a request come."""
        sequence = Sequence(
            tokens=list(ask.prompt),
            prompt_length=len(ask.prompt),
            limit=len(ask.prompt) + ask.room,
            adapter=ask.adapter,
            priority=ask.priority,
        )
        written = Written(self.loaded, ask.sampling, len(ask.prompt), ask.room)
        heard: list[Answer] = []
        run = Run(
            sequence=sequence,
            sampling=ask.sampling,
            written=written,
            tell=lambda what: heard[0].tell(what),
        )
        heard.append(Answer(run))
        self.engine.add(run)
        return heard[0]

    def serve(self, asks: Collection[Ask]) -> list[Answer]:
        """Serve all requests to their end, or until they are cancelled."""
        answers: dict[Ask, Answer] = {}
        with torch.inference_mode():
            for turn in range(20_000):
                self._come_and_go(asks, answers, turn)
                if len(answers) == len(asks) and self.engine.idle:
                    return [answers[ask] for ask in asks]
                self.engine.step()
        raise AssertionError("it goes on for ever")

    def _come_and_go(self, asks: Collection[Ask], answers: dict[Ask, Answer], turn: int) -> None:
        for ask in asks:
            if ask.comes == turn:
                answers[ask] = self.add(ask)
            if ask.goes == turn:
                self.engine.cancel(answers[ask].run)

    def is_clean(self) -> bool:
        """Say that nobody holds a block, a row of the sampler or a row of the cache any more."""
        held = (*self.runner._rows, *self.cache._rows, *self.scheduler.filled)
        return not held and self.blocks.used == 0 and self.scheduler.idle
