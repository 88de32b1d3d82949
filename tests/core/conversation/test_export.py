"""A conversation as a file."""

import json
from pathlib import Path

import pytest

from madang.contract import Model
from madang.conversation import export_json, export_markdown
from madang.testing import ScriptedBackend
from madang.testing.chat import Chat, open_chat

TIED = Model(
    source="somebody/tied",
    licence="CC BY-NC 4.0",
    licence_link="https://creativecommons.org/licenses/by-nc/4.0/",
    restriction="non-commercial use only",
    attribution="Tied by somebody",
)
TERMS = {
    "source": "somebody/tied",
    "licence": "CC BY-NC 4.0",
    "restriction": "non-commercial use only",
    "attribution": "Tied by somebody",
    "link": "https://creativecommons.org/licenses/by-nc/4.0/",
}


async def talked(chat: Chat) -> None:
    """Ask something and take a second variant of the answer."""
    await chat.ask("골라 봐")
    await chat.conversations.retry(chat.place)
    await (await chat.reply(2)).final()
    await chat.conversations.settled()


async def test_exports_every_variant_as_json_and_the_history_as_markdown(profile: Path) -> None:
    backend = ScriptedBackend(answers=["첫째", "둘째"])
    async with open_chat(profile, backend=backend) as chat:
        await talked(chat)
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


async def test_what_a_restricted_model_wrote_is_marked(profile: Path) -> None:
    async with open_chat(profile, backend=ScriptedBackend(answers=["첫째", "둘째"])) as chat:
        await talked(chat)
        tree = await chat.conversations.tree(chat.place)
        exported = json.loads(export_json(tree, {"echo": TIED}))
        assert [turn["model"] for turn in exported["turns"]] == ["", "echo", "echo"]
        assert [turn.get("restriction", "") for turn in exported["turns"]] == [
            "",
            "non-commercial use only",
            "non-commercial use only",
        ]
        assert exported["models"] == {"echo": TERMS}
        history = await chat.conversations.history(chat.place)
        text = export_markdown(history, {"friend": "친구"}, {"echo": TIED})
        assert "\n\n> ⚠ echo: non-commercial use only\n\n둘째\n\n" in text
        assert text.count("⚠") == 1
        assert text.endswith(f"---\n\n- echo: {' · '.join(TERMS.values())}\n")


async def test_a_free_model_is_named_and_not_marked(profile: Path) -> None:
    async with open_chat(profile) as chat:
        await chat.ask("안녕")
        tree = await chat.conversations.tree(chat.place)
        models = {"echo": Model(licence="Apache-2.0")}
        exported = json.loads(export_json(tree, models))
        assert exported["models"] == {"echo": {"licence": "Apache-2.0"}}
        assert not any("restriction" in turn for turn in exported["turns"])
        text = export_markdown(tree, {}, models)
        assert "⚠" not in text
        assert text.endswith("- echo: Apache-2.0\n")


@pytest.mark.parametrize(("restriction", "writer"), [("", "other"), ("non-commercial", "echo")])
async def test_an_answer_gone_on_with_keeps_the_terms_of_a_restricted_beginning(
    profile: Path, restriction: str, writer: str
) -> None:
    text = profile.read_text("utf-8").replace(
        'backend = "echo"\n',
        f'backend = "echo"\nrestriction = "{restriction}"\n[models.other]\nbackend = "echo"\n',
    )
    profile.write_text(f'accept_licences = ["echo"]\n{text}', "utf-8")
    async with open_chat(profile) as chat:
        await chat.ask("안녕")
        assert (await chat.conversations.history(chat.place))[-1].model == "echo"
        changed = profile.read_text("utf-8").replace('model = "echo"', 'model = "other"')
        profile.write_text(changed, "utf-8")
        await chat.conversations.go_on(chat.place)
        await (await chat.reply(2)).final()
        await chat.conversations.settled()
        assert (await chat.conversations.history(chat.place))[-1].model == writer
