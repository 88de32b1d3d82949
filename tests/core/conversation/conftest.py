"""A profile on the echo backend, with one persona of every kind that conversations care about."""

from pathlib import Path

import pytest

PROFILE = """\
persona = "friend"
[models.echo]
backend = "echo"
[defaults]
model = "echo"
[plugins]
dirs = ["personas"]
without = ["assistant", "culture_qa", "finance_advisor", "qa_generator", "slang_friend"]
[personas.friend.modes.shy]
form = "alone"
"""

FRIEND = """\
name = "friend"
[text.ko]
title = "친구"
description = "시험용 친구"
greeting = "안녕!"
samples = ["뭐 해?"]
notice = "시험이에요."
[forms.general]
kind = "chat"
head = "너는 친구야."
history = "all"
[forms.alone]
kind = "completion"
question = "{question} 답변:"
"""

OTHER = FRIEND.replace("friend", "other").replace("친구", "다른이").replace("notice", "#notice")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Write the profile and its personas."""
    for name, text in (("friend", FRIEND), ("other", OTHER)):
        folder = tmp_path / "personas" / name
        folder.mkdir(parents=True)
        (folder / "persona.toml").write_text(text, "utf-8")
    path = tmp_path / "test.toml"
    path.write_text(PROFILE, "utf-8")
    return path
