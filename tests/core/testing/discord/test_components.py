"""Components: the limits of both kinds, and what the flag of Components V2 forbids."""

from typing import Any

import discord
import pytest
from tests.core.testing.discord.scene import Scene, refused

V2 = 1 << 15
Json = dict[str, Any]


def button(key: str = "a", **about: Any) -> Json:
    return {"type": 2, "style": 1, "label": "눌러", "custom_id": key, **about}


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def select(count: int = 1, **about: Any) -> Json:
    options = [{"label": str(number), "value": str(number)} for number in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **about}


def text(content: str) -> Json:
    return {"type": 10, "content": content}


@pytest.mark.parametrize(
    ("components", "path"),
    [
        ([row(button(str(n))) for n in range(6)], "components"),
        ([row(*(button(str(n)) for n in range(6)))], "components.0.components"),
        ([row(button("k" * 101))], "components.0.components.0.custom_id"),
        ([row(button(label="가" * 81))], "components.0.components.0.label"),
        ([row(button(label=""))], "components.0.components.0"),
        ([row(button(style=5))], "components.0.components.0"),
        ([row(button("same"), button("same"))], "components"),
        ([row(select(26))], "components.0.components.0.options"),
        ([row(select(0))], "components.0.components.0.options"),
        ([row(select(), button())], "components.0.components.0"),
        ([row(select(placeholder="가" * 151))], "components.0.components.0.placeholder"),
        ([row(select(min_values=3, max_values=2))], "components.0.components.0.max_values"),
        ([text("글")], "components.0.type"),
        ([row()], "components.0.components"),
    ],
)
async def test_what_old_components_may_not_be(
    client: discord.Client, scene: Scene, components: list[Json], path: str
) -> None:
    await refused(scene.send(client, content="글", components=components), 400, 50035, path)


@pytest.mark.parametrize(
    ("components", "path"),
    [
        ([text("글")] * 41, "components"),
        ([text("가" * 2001), text("나" * 2000)], "components"),
        ([text("")], "components.0.content"),
        ([button()], "components.0.type"),
        ([{"type": 9, "components": [text("글")]}], "components.0.accessory"),
        ([{"type": 9, "components": [text("글")] * 4, "accessory": button()}], "components.0"),
        ([{"type": 17, "components": [{"type": 17, "components": []}]}], "components.0"),
        ([{"type": 12, "items": []}], "components.0.items"),
        ([{**text("글"), "id": 3}, {**text("글"), "id": 3}], "components"),
    ],
)
async def test_what_new_components_may_not_be(
    client: discord.Client, scene: Scene, components: list[Json], path: str
) -> None:
    error = await refused(scene.send(client, components=components, flags=V2), 400, 50035)
    assert path in error.text


async def test_new_components_and_content_exclude_each_other(
    client: discord.Client, scene: Scene
) -> None:
    await refused(
        scene.send(client, content="글", components=[text("글")], flags=V2), 400, 50035, "content"
    )
    await refused(scene.send(client, flags=V2), 400, 50006)
    channel = client.get_partial_messageable(scene.channel.id)
    card = discord.ui.LayoutView()
    card.add_item(discord.ui.TextDisplay("카드"))
    old = await channel.send("글")
    await refused(old.edit(view=card), 400, 50035, "content")
    await old.edit(content=None, view=card)
    await refused(old.edit(content="다시 글"), 400, 50035, "content")
    assert scene.channel.messages[old.id].text == "카드"


async def test_a_layout_view_is_shown_and_read_back(client: discord.Client, scene: Scene) -> None:
    class Card(discord.ui.LayoutView):
        box: discord.ui.Container["Card"] = discord.ui.Container(
            discord.ui.TextDisplay("# 설정"),
            discord.ui.Section(
                "언어", accessory=discord.ui.Button(label="바꾸기", custom_id="language")
            ),
            discord.ui.Separator(),
            discord.ui.File("attachment://a.txt"),
        )

    channel = client.get_partial_messageable(scene.channel.id)
    file = discord.File(__file__, "a.txt")
    sent = await channel.send(view=Card(), file=file)
    shown = scene.channel.messages[sent.id]
    assert shown.text == "# 설정\n언어"
    assert shown.buttons == ["바꾸기"]
    assert sent.flags.components_v2
    again = discord.ui.LayoutView.from_message(sent)
    assert again.content_length() == len("# 설정언어")
    assert all(part["id"] for part in shown.walk())
    files = [part["file"]["url"] for part in shown.walk() if part["type"] == 13]
    assert files == [shown.attachments[0].url]
