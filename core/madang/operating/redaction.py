"""What must never stand in a log: passwords in addresses, and the tokens of bots and hubs."""

import re

HIDDEN = "***"

# Lengths are bounded, so that a long line costs no more than its length.
SECRETS = re.compile(
    r"""
    (?<=://) [^/\s]{1,400} (?=@)                 # scheme://USER:PASSWORD@host
    | (?<=://) [^/\s:@]{0,99} : [^\s@]{1,400} (?=@)   # the same with a slash in the password
    | (?<![\w.+%:/-]) [\w.+%-]{0,99} : [^\s@/:'"]{1,400} (?=@[\w\[])   # without a scheme
    | (?<!\d) \d{6,20} : [\w-]{30,}              # Telegram: NUMBER:SECRET, also after /bot
    | \b [MNO][\w-]{22,27} \. [\w-]{6,7} \. [\w-]{27,}   # Discord: USER.TIME.SIGNATURE
    | \b (?:hf_|sk-) [\w-]{20,}                  # Hugging Face, and servers that talk like OpenAI
    | (?<=\bBearer\ ) \S+
    """,
    re.VERBOSE,
)


def redacted(text: str) -> str:
    """Return `text` with every secret hidden that can be told by its looks."""
    return SECRETS.sub(HIDDEN, text)
