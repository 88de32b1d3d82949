"""Stand-ins for the tokenizers of the five seed models, which are not on the build machines.

The kind of pipeline, the special tokens, their ids and the chat template are those of the
published families; the other tokens are learned from a few sentences. They prove that prompts
come out as meant, not how the real models split words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from tests.standins.vocabulary import placed, trained, with_vocabulary
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

# From 357 on as in EXAONE 3.5 and 4; what the ids in between hold is not known here.
EXAONE_TOKENS = {
    0: "[PAD]",
    1: "[BOS]",
    2: "[EOS]",
    3: "[UNK]",
    357: "[|system|]",
    358: "[|tool|]",
    359: "[|assistant|]",
    360: "[|user|]",
    361: "[|endofturn|]",
}
EXAONE_CHAT = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}"
    "{{ '[|system|][|endofturn|]\n' }}{% endif %}"
    "{{ '[|' + message['role'] + '|]' + message['content'] }}"
    "{% if message['role'] == 'user' %}{{ '\n' }}{% else %}{{ '[|endofturn|]\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}"
)
OPENCHAT_TOKENS = {
    0: "<unk>",
    1: "<s>",
    2: "</s>",
    32000: "<|end_of_turn|>",
    32001: "<|pad_0|>",
}
OPENCHAT_CHAT = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ 'GPT4 Correct ' + message['role'].title() + ': ' + message['content'] }}"
    "{{ '<|end_of_turn|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'GPT4 Correct Assistant:' }}{% endif %}"
)
LLAMA3_NAMED = {
    128000: "<|begin_of_text|>",
    128001: "<|end_of_text|>",
    128006: "<|start_header_id|>",
    128007: "<|end_header_id|>",
    128009: "<|eot_id|>",
}
LLAMA3_RESERVED = [id_ for id_ in range(128000, 128256) if id_ not in LLAMA3_NAMED]
LLAMA3_TOKENS = LLAMA3_NAMED | {
    id_: f"<|reserved_special_token_{number}|>" for number, id_ in enumerate(LLAMA3_RESERVED)
}
LLAMA3_CHAT = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    " + message['content'] | trim + '<|eot_id|>' %}"
    "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}"
    "{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
LLAMA3_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
POLYGLOT_TOKENS = {
    0: "<|unused0|>",
    1: "<|unused1|>",
    2: "<|endoftext|>",
    3: "<|sep|>",
    30000: "<|acc|>",
    30001: "<|tel|>",
    30002: "<|rrn|>",
}


@dataclass(frozen=True, kw_only=True)
class Family:
    """Name a family of tokenizers; `tokenizer` makes a new one each time."""

    name: str
    tokenizer: Callable[[], PreTrainedTokenizerFast]
    specials: Mapping[int, str]


def stand_in_exaone() -> PreTrainedTokenizerFast:
    """Make one like EXAONE-3.5's: byte-level BPE after NFC, role tokens, no first token."""
    return _fast(_exaone().to_str(), EXAONE_CHAT, bos="[BOS]", eos="[|endofturn|]", pad="[PAD]")


def stand_in_openchat() -> PreTrainedTokenizerFast:
    """Make one like openchat_3.5's: Mistral's BPE with byte fallback, and `<s>` before a text."""
    return _fast(_openchat().to_str(), OPENCHAT_CHAT, bos="<s>", eos="<|end_of_turn|>", pad="</s>")


def stand_in_llama3() -> PreTrainedTokenizerFast:
    """Make one like Llama 3's: byte-level BPE, 256 special tokens, `<|begin_of_text|>` first."""
    text = _llama3().to_str()
    return _fast(text, LLAMA3_CHAT, bos="<|begin_of_text|>", eos="<|eot_id|>", pad="<|eot_id|>")


def stand_in_polyglot() -> PreTrainedTokenizerFast:
    """Make one like polyglot-ko's: GPT-NeoX's byte-level BPE, no first token, no template."""
    ends = "<|endoftext|>"
    return _fast(_polyglot().to_str(), None, bos=ends, eos=ends, pad=ends)


EXAONE = Family(name="exaone", tokenizer=stand_in_exaone, specials=EXAONE_TOKENS)
OPENCHAT = Family(name="openchat", tokenizer=stand_in_openchat, specials=OPENCHAT_TOKENS)
LLAMA3 = Family(name="llama3", tokenizer=stand_in_llama3, specials=LLAMA3_TOKENS)
POLYGLOT = Family(name="polyglot", tokenizer=stand_in_polyglot, specials=POLYGLOT_TOKENS)
FAMILIES = (EXAONE, OPENCHAT, LLAMA3, POLYGLOT)
SEEDS: Mapping[str, Family] = {
    "slang": EXAONE,
    "culture": OPENCHAT,
    "assistant": LLAMA3,
    "genstruct": LLAMA3,
    "finance": POLYGLOT,
}
"""The family of each model of the profile `seeds`."""


@cache
def _exaone() -> Tokenizer:
    pipeline = _byte_level(EXAONE_TOKENS, 102400)
    pipeline.normalizer = normalizers.NFC()
    return pipeline


@cache
def _llama3() -> Tokenizer:
    pipeline = _byte_level(LLAMA3_TOKENS, 128256, words=LLAMA3_WORDS)
    pipeline.post_processor = processors.TemplateProcessing(
        single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", 128000)]
    )
    return pipeline


@cache
def _polyglot() -> Tokenizer:
    pipeline = _byte_level(POLYGLOT_TOKENS, 30003)
    pipeline.normalizer = normalizers.NFC()
    return pipeline


@cache
def _openchat() -> Tokenizer:
    pipeline = Tokenizer(models.BPE(unk_token="<unk>"))
    pipeline.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    learned, merges = trained(pipeline, ())
    fixed = OPENCHAT_TOKENS | {3 + byte: f"<0x{byte:02X}>" for byte in range(256)}
    vocabulary = placed((token for token in learned if token != "<unk>"), fixed, 32002)
    pipeline.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    pipeline.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", 1)]
    )
    return with_vocabulary(
        pipeline,
        vocabulary,
        merges,
        OPENCHAT_TOKENS,
        unk_token="<unk>",
        byte_fallback=True,
        fuse_unk=True,
    )


def _byte_level(specials: Mapping[int, str], size: int, words: str = "") -> Tokenizer:
    pipeline = Tokenizer(models.BPE())
    bytes_of = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not words)
    split = pre_tokenizers.Split(Regex(words), "isolated")
    steps = [split, bytes_of] if words else [bytes_of]
    pipeline.pre_tokenizer = pre_tokenizers.Sequence(steps)
    pipeline.decoder = decoders.ByteLevel()
    learned, merges = trained(pipeline, pre_tokenizers.ByteLevel.alphabet())
    return with_vocabulary(pipeline, placed(learned, specials, size), merges, specials)


def _fast(
    pipeline: str, chat_template: str | None, *, bos: str, eos: str, pad: str
) -> PreTrainedTokenizerFast:
    make: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    fast = make(
        tokenizer_object=Tokenizer.from_str(pipeline), bos_token=bos, eos_token=eos, pad_token=pad
    )
    fast.chat_template = chat_template
    return fast
