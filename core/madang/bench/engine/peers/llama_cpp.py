"""llama.cpp through its low-level batch interface, with parallel sequences."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from madang.bench.engine.messages import Job, Order, Run
from madang.bench.engine.peers.gguf_file import package, write_gguf
from madang.errors import ModelError, UnsupportedParameter

Q8_0 = "q8_0"
UBATCH = 512  # tokens computed at once; with one cache for all, the fastest of 128 to 2048
Rows = Sequence[tuple[int, int, int, bool]]  # token, position, sequence, whether it is answered


@contextmanager
def open_llama_cpp(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Load the weights in the dtype of the bench."""
    if job.quantisation != "none":
        raise UnsupportedParameter(
            f"llama.cpp has no quantisation '{job.quantisation}'", "Its q8_0 has its own line."
        )
    with _opened(write_gguf(job), job) as llama:
        yield llama.serve


@contextmanager
def open_llama_cpp_q8_0(job: Job) -> Iterator[Callable[[Order], Run]]:
    """Load the weights as llama.cpp quantises them to 8 bits."""
    cpp = package("llama_cpp.llama_cpp")
    whole = write_gguf(job)
    target = whole.with_suffix(f".{Q8_0}.gguf")
    if not target.is_file():
        settings = cpp.llama_model_quantize_default_params()
        settings.ftype = cpp.LLAMA_FTYPE_MOSTLY_Q8_0
        settings.nthread = job.threads
        if cpp.llama_model_quantize(bytes(whole), bytes(target), settings):
            raise ModelError(f"llama.cpp could not quantise {whole}")
    with _opened(target, job) as llama:
        yield llama.serve


@contextmanager
def _opened(file: Path, job: Job) -> Iterator["_Llama"]:
    cpp = package("llama_cpp.llama_cpp")
    quiet = cpp.llama_log_callback(lambda level, text, data: None)
    cpp.llama_log_set(quiet, None)
    cpp.llama_backend_init()
    settings = cpp.llama_model_default_params()
    settings.n_gpu_layers = -1
    model = cpp.llama_model_load_from_file(bytes(file), settings)
    if not model:
        raise ModelError(f"llama.cpp could not load {file}")
    context = cpp.llama_init_from_model(model, _settings(cpp, job))
    batch = cpp.llama_batch_init(job.requests * job.longest, 0, 1)
    try:
        yield _Llama(cpp, model, context, batch)
    finally:
        cpp.llama_batch_free(batch)
        cpp.llama_free(context)
        cpp.llama_model_free(model)
        cpp.llama_log_set(cpp.llama_log_callback(0), None)


def _settings(cpp: Any, job: Job) -> Any:
    settings = cpp.llama_context_default_params()
    settings.n_ctx = job.requests * job.longest
    settings.n_batch = job.requests * job.longest
    settings.n_ubatch = UBATCH
    settings.n_seq_max = job.requests
    settings.n_threads = settings.n_threads_batch = job.threads
    settings.kv_unified = True
    if job.dtype == "float32":  # the faster ways round keys and values to 16 bits
        settings.type_k = settings.type_v = cpp.GGML_TYPE_F32
        settings.flash_attn_type = cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.no_perf = True
    return settings


class _Llama:
    """Serve orders with a loaded context: all prompts in one batch, then a token of each."""

    def __init__(self, cpp: Any, model: Any, context: Any, batch: Any) -> None:
        self._cpp = cpp
        self._context = context
        self._batch = batch
        self._vocabulary = cpp.llama_vocab_n_tokens(cpp.llama_model_get_vocab(model))

    def serve(self, order: Order) -> Run:
        begin = time.perf_counter()
        self._cpp.llama_memory_clear(self._cpp.llama_get_memory(self._context), True)
        prompts = [ask.ids for ask in order.asks]
        drawn = [self._decode(_prompt_rows(prompts))]
        times = [time.perf_counter() - begin]
        for step in range(order.new_tokens - 1):
            rows = [
                (token, len(prompts[number]) + step, number, True)
                for number, token in enumerate(drawn[-1])
            ]
            drawn.append(self._decode(rows))
            times.append(time.perf_counter() - begin)
        tokens = [list(answer) for answer in zip(*drawn, strict=True)]
        return Run(times[-1], [times] * len(prompts), tokens)

    def _decode(self, rows: Rows) -> list[int]:
        """Run a batch and return the likeliest token after each row that is answered."""
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, (token, position, sequence, answered) in enumerate(rows):
            batch.token[at] = token
            batch.pos[at] = position
            batch.n_seq_id[at] = 1
            batch.seq_id[at][0] = sequence
            batch.logits[at] = answered
        if status := self._cpp.llama_decode(self._context, batch):
            raise ModelError(f"llama.cpp could not decode a batch of {len(rows)}: {status}")
        return self._likeliest(sum(answered for *_, answered in rows))

    def _likeliest(self, rows: int) -> list[int]:
        import numpy

        logits = numpy.ctypeslib.as_array(
            self._cpp.llama_get_logits(self._context), (rows, self._vocabulary)
        )
        ids: list[int] = logits.argmax(axis=1).tolist()
        return ids


def _prompt_rows(prompts: Sequence[Sequence[int]]) -> Rows:
    return [
        (token, position, number, position == len(ids) - 1)
        for number, ids in enumerate(prompts)
        for position, token in enumerate(ids)
    ]
