"""Vary how a Korean question is put without changing what it asks."""

from __future__ import annotations

import random
import re
from pathlib import Path

import msgspec

SYLLABLES = 0xAC00
VOWELS, FINALS = 21, 28
LAST = SYLLABLES + 19 * VOWELS * FINALS

# Neighbours on the keyboard or in the ear, as indices into the Unicode jamo order.
NEAR_ONSETS = {0: 1, 1: 0, 3: 4, 4: 3, 7: 8, 8: 7, 9: 10, 10: 9, 12: 13, 13: 12, 5: 2, 2: 5}
NEAR_VOWELS = {
    0: (2, 4), 1: (5, 3), 2: (0,), 3: (7, 1), 4: (6, 0, 8), 5: (1, 7), 6: (4, 12), 7: (3, 5),
    8: (12, 13, 4), 9: (0, 8), 10: (11, 15), 11: (10, 15), 12: (8, 6), 13: (17, 18, 8),
    14: (4, 13), 15: (10, 11), 16: (20,), 17: (13, 12), 18: (13, 20), 19: (20, 18), 20: (18, 19),
}  # fmt: skip

TAIL = re.compile(
    r"^(?P<thing>.+?)"
    r"(?:(?:이|가|은|는|이란|란|이라는 게|라는 게)? ?"
    r"(?:뭐야|뭐예요|뭔가요|뭐죠|뭔데|무엇인가요|무슨 뜻이야|무슨 말이야|무슨 뜻인가요)"
    r"|(?:에 대해서?|을|를)? ?(?:좀 )?"
    r"(?:알려 ?줘|알려 ?주세요|설명해 ?줘|설명해 ?주세요|설명해줄래|가르쳐 ?줘|가르쳐 ?주세요))"
    r"[?.! ]*$"
)


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hold the phrases that questions are varied with."""

    frames: tuple[str, ...]
    meaning_frames: tuple[str, ...]
    endings: tuple[tuple[str, ...], ...]
    words: tuple[tuple[str, str], ...]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    marks: tuple[str, ...]


PHRASES = msgspec.toml.decode(Path(__file__).with_name("phrases.toml").read_bytes(), type=Phrases)


def has_final(word: str) -> bool:
    """Tell whether a word ends in a final consonant, which decides its particle."""
    last = word[-1:]
    if last and SYLLABLES <= ord(last) < LAST:
        return (ord(last) - SYLLABLES) % FINALS > 0
    return last.upper() in "LMNR136780"


def framed(thing: str, frame: str) -> str:
    """Put a thing into a question frame with the particles that fit it."""
    final = has_final(thing)
    return (
        frame.replace("{t}", thing)
        .replace("{이라는}", "이라는" if final else "라는")
        .replace("{이란}", "이란" if final else "란")
        .replace("{이}", "이" if final else "가")
        .replace("{은}", "은" if final else "는")
        .replace("{을}", "을" if final else "를")
    )


def subject(ask: str) -> str | None:
    """Return what a "what is X" or "tell me X" question asks about, or None."""
    found = TAIL.match(ask)
    if not found:
        return None
    thing = found["thing"].strip()
    return thing[:-1] + "것" if thing.endswith(" 게") or thing == "게" else thing


def reframed(rng: random.Random, thing: str) -> str:
    """Ask about a thing in a random frame."""
    plain = " " not in thing
    return framed(
        thing, rng.choice(PHRASES.frames + PHRASES.meaning_frames if plain else PHRASES.frames)
    )


def _new_ending(rng: random.Random, ask: str) -> str:
    bare = ask.rstrip("?!. ")
    for group in PHRASES.endings:
        for ending in sorted(group, key=len, reverse=True):
            if bare.endswith(ending):
                return bare[: -len(ending)] + rng.choice(group)
    return bare


def reworded(rng: random.Random, ask: str) -> str:
    """Ask the same with another ending or frame."""
    thing = subject(ask)
    if thing and len(thing) > 1 and not thing.endswith(("는지", "은지", "뭐")):
        return reframed(rng, thing)
    return _new_ending(rng, ask)


def _other_word(rng: random.Random, ask: str) -> str:
    pairs = [
        (a, b) for pair in PHRASES.words for a, b in (pair, pair[::-1]) if a.strip() and a in ask
    ]
    if not pairs:
        return ask
    old, new = rng.choice(pairs)
    return ask.replace(old, new, 1)


def _rotated(rng: random.Random, ask: str) -> str:
    words = ask.rstrip("?!. ").split(" ")
    if len(words) < 3:
        return ask
    first = words.pop(0)
    return (
        " ".join([*words, first]) if rng.random() < 0.5 else " ".join([words.pop(), first, *words])
    )


def _misspelt(rng: random.Random, syllable: str) -> str:
    code = ord(syllable) - SYLLABLES
    onset, vowel, final = code // (VOWELS * FINALS), code // FINALS % VOWELS, code % FINALS
    part = rng.random()
    if part < 0.5:
        vowel = rng.choice(NEAR_VOWELS[vowel])
    elif part < 0.75:
        onset = NEAR_ONSETS.get(onset, rng.randrange(19))
    else:
        final = 0 if final and rng.random() < 0.5 else rng.choice((1, 4, 8, 16, 17, 19, 20, 21))
    return chr(SYLLABLES + (onset * VOWELS + vowel) * FINALS + final)


def typo(rng: random.Random, text: str) -> str:
    """Misspell, drop, double or swap one Hangul syllable."""
    places = [i for i, char in enumerate(text) if SYLLABLES <= ord(char) < LAST]
    if len(places) < 4:
        return text
    at, kind = rng.choice(places), rng.random()
    if kind < 0.75:
        return text[:at] + _misspelt(rng, text[at]) + text[at + 1 :]
    if kind < 0.85:
        return text[:at] + text[at + 1 :]
    if kind < 0.92:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def respaced(rng: random.Random, text: str) -> str:
    """Leave out all spaces, or some, or put in a needless one."""
    kind = rng.random()
    if kind < 0.45:
        return text.replace(" ", "")
    if kind < 0.8:
        return "".join(char for char in text if char != " " or rng.random() < 0.5)
    at = rng.randrange(1, max(2, len(text)))
    return text[:at] + " " + text[at:]


def _wrapped(rng: random.Random, ask: str) -> str:
    if rng.random() < 0.7:
        return f"{rng.choice(PHRASES.openers)} {ask}"
    return f"{ask} {rng.choice(PHRASES.closers)}"


def vary(rng: random.Random, ask: str) -> str:
    """Return the question as somebody else might have typed it."""
    if rng.random() < 0.08:
        return ask
    if rng.random() < 0.6:
        ask = reworded(rng, ask)
    if rng.random() < 0.2:
        ask = _other_word(rng, ask)
    if rng.random() < 0.05:
        ask = _rotated(rng, ask)
    ask = ask.rstrip("?!.~ ") + rng.choice(PHRASES.marks) if rng.random() < 0.7 else ask
    if rng.random() < 0.12:
        ask = _wrapped(rng, ask)
    return smudge(rng, ask)


def smudge(rng: random.Random, text: str) -> str:
    """Type a text carelessly now and then: misspelt, or with the spaces wrong."""
    if rng.random() < 0.3:
        text = typo(rng, text)
        text = typo(rng, text) if rng.random() < 0.2 else text
    if rng.random() < 0.2:
        text = respaced(rng, text)
    return text.strip() or "?"


def gibberish(rng: random.Random) -> str:
    """Return a text that means nothing."""
    if rng.random() < 0.3:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9)))
    if rng.random() < 0.2:
        return str(rng.randrange(10 ** rng.randint(1, 9)))
    syllables = (chr(rng.randrange(SYLLABLES, LAST)) for _ in range(rng.randint(1, 6)))
    return "".join(syllables)


def pseudo_noun(rng: random.Random, syllables: str) -> str:
    """Return a word that looks Korean and names nothing."""
    return "".join(rng.choices(syllables, k=rng.randint(2, 4)))
