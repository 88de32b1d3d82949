"""The world of these tests: a profile, two personas and a backend that tests can hold."""

import sys
from pathlib import Path

PROFILE = """\
persona = "parrot"
[models.held]
backend = "held"
description = "되풀이하는 모델"
[defaults]
model = "held"
[plugins]
dirs = ["plugins"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[store]
path = "talk.db"
[limits]
message_characters = 400
[personas.owl.modes.deep]
form = "general"
"""

PARROT = """\
name = "parrot"
[text.ko]
title = "앵무새"
description = "따라 하는 새"
greeting = "안녕! 따라 할게."
samples = ["뭐 해?", "날씨가 좋아"]
notice = "새의 말이에요."
[text.en]
title = "Parrot"
description = "A bird that repeats"
greeting = "Hello! I repeat."
samples = ["What are you doing?"]
[forms.general]
kind = "chat"
history = "all"
"""

OWL = """\
name = "owl"
[text.ko]
title = "올빼미"
description = "밤에 사는 새"
greeting = "부엉."
samples = ["밤이야?"]
[forms.general]
kind = "chat"
"""

HELD = """\
import asyncio
import os
from pathlib import Path

import madang
from madang.contract import Output
from madang.errors import ModelNotLoaded
from madang.testing import EchoBackend


class Held(EchoBackend):
    '''Repeat the question; tell a story as far as the gate, which is a file, lets it.'''

    async def generate(self, request):
        asked = self.answer(request).text.split(": ")[-1]
        if "고장" in asked:
            raise ModelNotLoaded("broken")
        if "이야기" not in asked:
            yield Output(text="" if "빈 답" in asked else asked)
        else:
            yield Output(text="옛날 옛적에")
            while not Path(os.environ["GATE"]).exists():
                await asyncio.sleep(0.005)
            yield Output(text=" 살았어요")
        yield Output(reason="length" if "길이" in asked else "stop")


@madang.hookimpl
def register_backends(register):
    register("held", Held)
"""


def build(folder: Path) -> Path:
    """Write it all down and return the profile."""
    plugins = folder / "plugins"
    for name, text in (("parrot", PARROT), ("owl", OWL)):
        (plugins / name).mkdir(parents=True)
        (plugins / name / "persona.toml").write_text(text, "utf-8")
    (plugins / "held.py").write_text(HELD, "utf-8")
    path = folder / "test.toml"
    path.write_text(PROFILE, "utf-8")
    return path


def chat_command(profile: Path, *arguments: str) -> list[str]:
    """Return the command that starts the chat."""
    program = "import sys; from madang.cli import main; sys.exit(main())"
    return [sys.executable, "-c", program, "chat", "--profile", str(profile), *arguments]
