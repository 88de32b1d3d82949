"""Modals: what they may hold, and what each input sends."""

from typing import Any

import discord
import pytest
from tests.core.testing.discord.scene import Listener, Scene

from madang.testing.discord import running
from madang.testing.discord.checks.modals import check_modal
from madang.testing.discord.refusals import Form, Refusal

Json = dict[str, Any]
Asked = discord.Interaction[discord.Client]


def modal(*components: Json, **about: Any) -> Json:
    return {"title": "질문", "custom_id": "q", "components": list(components), **about}


def labelled(component: Json, text: str = "무엇을") -> Json:
    return {"type": 18, "label": text, "component": component}


def line(**about: Any) -> Json:
    return {"type": 4, "custom_id": "t", "style": 1, **about}


def choice(kind: int, count: int) -> Json:
    options = [{"label": str(n), "value": str(n)} for n in range(count)]
    return {"type": kind, "custom_id": "c", "options": options}


@pytest.mark.parametrize(
    "wrong",
    [
        modal(),
        modal(labelled(line()), title="가" * 46),
        modal(labelled(line()), custom_id=""),
        modal(*(labelled(line(custom_id=str(n))) for n in range(6))),
        modal(labelled(line(), "가" * 46)),
        modal(labelled(line()) | {"description": "가" * 101}),
        modal(labelled(line(style=3))),
        modal(labelled(line(placeholder="가" * 101))),
        modal(labelled(line(value="가" * 4001))),
        modal(labelled(line(min_length=5, max_length=4))),
        modal(labelled({"type": 2, "custom_id": "b"})),
        modal(labelled(choice(3, 26))),
        modal(labelled(choice(21, 1))),
        modal(labelled(choice(22, 11))),
        modal(labelled({"type": 19, "custom_id": "f", "max_values": 11})),
        modal({"type": 1, "components": [line()]}),
        modal({"type": 1, "components": [line(label="a"), line(label="b")]}),
        modal({"type": 2}),
    ],
)
def test_what_a_modal_may_not_be(wrong: Json) -> None:
    form = Form()
    check_modal(form, wrong)
    with pytest.raises(Refusal) as caught:
        form.done()
    assert caught.value.body["code"] == 50035


async def test_every_kind_of_input_sends_what_was_given(scene: Scene) -> None:
    got: list[object] = []

    class Form(discord.ui.Modal, title="설정"):
        kind: discord.ui.Label["Form"] = discord.ui.Label(
            text="종류",
            component=discord.ui.RadioGroup(
                options=[discord.RadioGroupOption(label=x, value=x) for x in ("a", "b")]
            ),
        )
        more: discord.ui.Label["Form"] = discord.ui.Label(
            text="더",
            component=discord.ui.CheckboxGroup(
                options=[discord.CheckboxGroupOption(label=x, value=x) for x in ("x", "y")],
                max_values=2,
            ),
        )
        sure: discord.ui.Label["Form"] = discord.ui.Label(
            text="정말", component=discord.ui.Checkbox()
        )
        place: discord.ui.Label["Form"] = discord.ui.Label(
            text="어디", component=discord.ui.ChannelSelect()
        )

        async def on_submit(self, interaction: Asked) -> None:
            kind, more = self.kind.component, self.more.component
            sure, place = self.sure.component, self.place.component
            assert isinstance(kind, discord.ui.RadioGroup)
            assert isinstance(more, discord.ui.CheckboxGroup)
            assert isinstance(sure, discord.ui.Checkbox)
            assert isinstance(place, discord.ui.ChannelSelect)
            got.extend([kind.value, more.values, sure.value, place.values[0].name])
            await interaction.response.send_message("됐어요", ephemeral=True)

    class Opener(discord.ui.View):
        @discord.ui.button(label="열기")
        async def open(self, interaction: Asked, button: discord.ui.Button["Opener"]) -> None:
            await interaction.response.send_modal(Form())

    async def show(message: discord.Message) -> None:
        await message.channel.send("설정", view=Opener())

    async with running(Listener(show), scene.server):
        scene.mina.says(scene.channel, "설정")
        panel = await scene.channel.finds(lambda message: message.buttons)
        opened = await scene.mina.clicks(panel, "열기")
        given = {"종류": "b", "더": ["x", "y"], "정말": True, "어디": [scene.channel]}
        with pytest.raises(AssertionError, match="no input"):
            await scene.mina.submits(opened, {"없는 것": "x"})
        done = await scene.mina.submits(opened, given)
        assert done.text == "됐어요"
    assert got == ["b", ["x", "y"], True, "잡담"]
