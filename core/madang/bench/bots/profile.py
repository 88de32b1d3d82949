"""The profile of a bot that is measured: one persona, and the model that tells stories."""

from pathlib import Path

PROFILE = """\
persona = "narrator"
[models.narrator]
backend = "narrator"
[defaults]
model = "narrator"
[plugins]
dirs = ["plugins"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[store]
path = "talk.db"
{queue}
{options}
"""

QUEUE = """\
[queue]
kind = "redis"
url = "{url}"
"""

PERSONA = """\
name = "narrator"
[text.ko]
title = "이야기꾼"
description = "이야기를 들려줘요"
greeting = "안녕하세요!"
samples = ["이야기해 줘"]
[text.en]
title = "Narrator"
description = "Tells stories"
greeting = "Hello!"
samples = ["Tell me a story"]
[forms.general]
kind = "chat"
history = "all"
[forms.general.sampling]
max_new_tokens = 100000
"""

PLUGIN = """\
import madang
from madang.bench.bots.narrator import Narrator


@madang.hookimpl
def register_backends(register):
    register("narrator", Narrator)
"""


def write_profile(folder: Path, *, options: str = "", redis: str = "") -> Path:
    """Write it into a new folder; without the address of a server the bot is all by itself."""
    home = folder / "plugins" / "narrator"
    home.mkdir(parents=True)
    (home / "persona.toml").write_text(PERSONA, "utf-8")
    (folder / "plugins" / "telling.py").write_text(PLUGIN, "utf-8")
    queue = QUEUE.format(url=redis) if redis else ""
    path = folder / "bench.toml"
    path.write_text(PROFILE.format(queue=queue, options=options), "utf-8")
    return path
