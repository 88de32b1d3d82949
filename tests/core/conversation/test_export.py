"""A conversation as a file."""

import json
from pathlib import Path

from madang.conversation import export_json, export_markdown
from madang.testing import ScriptedBackend
from madang.testing.chat import open_chat


async def test_exports_every_variant_as_json_and_the_history_as_markdown(profile: Path) -> None:
    backend = ScriptedBackend(answers=["첫째", "둘째"])
    async with open_chat(profile, backend=backend) as chat:
        await chat.ask("골라 봐")
        await chat.conversations.retry(chat.place)
        await (await chat.reply(2)).final()
        await chat.conversations.settled()
        turns = json.loads(export_json(await chat.conversations.tree(chat.place)))["turns"]
        assert [(turn["shown"], turn["chosen"]) for turn in turns] == [
            ("골라 봐", True),
            ("첫째", False),
            ("둘째", True),
        ]
        text = export_markdown(await chat.conversations.history(chat.place), {"friend": "친구"})
        assert "**나**" in text
        assert "**친구**" in text
        assert "둘째" in text
        assert "첫째" not in text
