"""Registering application commands: what is kept, what is refused, what it costs."""

from typing import Any

import discord
import pytest
from discord import app_commands
from discord.http import Route
from tests.core.testing.discord.scene import Scene, refused

from madang.testing.discord import Rules, open_discord

Json = dict[str, Any]


def command(name: str = "chat", **about: Any) -> Json:
    return {"name": name, "description": "말해요", "type": 1, **about}


def option(name: str = "text", kind: int = 3, **about: Any) -> Json:
    return {"name": name, "description": "무엇을", "type": kind, **about}


async def put(client: discord.Client, *commands: Json) -> list[Json]:
    route = Route("PUT", f"/applications/{client.application_id}/commands")
    done: list[Json] = await client.http.request(route, json=list(commands))
    return done


CHOICES = [{"name": str(number), "value": str(number)} for number in range(26)]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (command("Chat"), "0.name"),
        (command("두 낱말"), "0.name"),
        (command("가" * 33), "0.name"),
        (command(description=""), "0.description"),
        (command(description="가" * 101), "0.description"),
        (command(name_localizations={"kr": "대화"}), "0.name_localizations.kr"),
        (command(name_localizations={"ko": "대화 하기"}), "0.name_localizations.ko"),
        (command(description_localizations={"ko": ""}), "0.description_localizations.ko"),
        (command(options=[option(f"o{n}") for n in range(26)]), "0.options"),
        (command(options=[option(), option()]), "0.options.1.name"),
        (command(options=[option("a"), option("b", required=True)]), "0.options.1"),
        (command(options=[option(choices=CHOICES)]), "0.options.0.choices"),
        (command(options=[option(choices=CHOICES[:2], autocomplete=True)]), "0.options.0"),
        (command(options=[option(kind=6, autocomplete=True)]), "0.options.0"),
        (command(options=[option("a", 1), option("b", 3)]), "0.options"),
        (command(options=[option("a", 1, options=[option("b", 1)])]), "0.options.0.options.0.type"),
        ({"name": "메뉴", "type": 3, "description": "설명"}, "0"),
        (command(type=9), "0.type"),
    ],
)
async def test_bad_definitions_are_refused(
    client: discord.Client, scene: Scene, wrong: Json, path: str
) -> None:
    await refused(put(client, wrong), 400, 50035, path)


async def test_good_definitions_are_kept_as_the_service_repeats_them(
    client: discord.Client, scene: Scene
) -> None:
    group = option("use", 2, options=[option("one", 1, options=[option(required=False)])])
    kept = await put(
        client,
        command("페르소나-목록"),
        command("persona", options=[group]),
        {"name": "Make Questions", "type": 3},
    )
    assert [one["name"] for one in kept] == ["페르소나-목록", "persona", "Make Questions"]
    inner = kept[1]["options"][0]["options"][0]["options"][0]
    assert inner == {"name": "text", "description": "무엇을", "type": 3}
    assert "options" not in kept[0]


async def test_too_many_or_the_same_name_twice(client: discord.Client, scene: Scene) -> None:
    await put(client, *(command(f"c{number}") for number in range(100)))
    await refused(put(client, *(command(f"c{number}") for number in range(101))), 400, 50035)
    await refused(put(client, command("a"), command("a")), 400, 50035)
    menus = [{"name": str(number), "type": 3} for number in range(16)]
    await refused(put(client, *menus), 400, 50035)


async def test_syncing_again_costs_nothing_and_keeps_ids() -> None:
    async with open_discord(Rules(creates_a_day=3)) as server:
        scene = Scene(server)
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(server.token)
            first = await put(client, command("a"), command("b"))
            again = await put(client, command("b", description="새로"), command("a"))
            assert {one["name"]: one["id"] for one in first} == {
                one["name"]: one["id"] for one in again
            }
            await put(client, command("c"))
            await refused(put(client, command("d")), 400, 30034)
            server.clock.advance(86_401)
            await put(client, command("d"))
            assert [one["name"] for one in server.commands] == ["d"]
            assert scene.guild.name


async def test_a_tree_is_synced_globally_and_for_a_guild(
    client: discord.Client, scene: Scene
) -> None:
    tree = app_commands.CommandTree(client)
    guild = discord.Object(scene.guild.id)

    @tree.command(description="말해요")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_installs(guilds=True, users=True)
    async def chat(interaction: discord.Interaction, text: str) -> None: ...

    @tree.context_menu(name="다시", guild=guild)
    async def again(interaction: discord.Interaction, message: discord.Message) -> None: ...

    (synced,) = await tree.sync()
    assert synced.default_member_permissions == discord.Permissions(manage_guild=True)
    assert synced.allowed_installs is not None
    assert scene.server.commands[0]["integration_types"] == [0, 1]
    (menu,) = await tree.sync(guild=guild)
    assert menu.type is discord.AppCommandType.message
    assert [one.name for one in await tree.fetch_commands()] == ["chat"]
    assert [one.name for one in await tree.fetch_commands(guild=guild)] == ["다시"]
    edited = await synced.edit(description="이야기해요")
    assert edited.description == "이야기해요"
    await synced.delete()
    await refused(synced.delete(), 404, 10063)
    await refused(tree.sync(guild=discord.Object(1)), 403, 50001)


async def test_single_commands_are_created_and_replaced(
    client: discord.Client, scene: Scene
) -> None:
    route = Route("POST", f"/applications/{client.application_id}/commands")
    first = await client.http.request(route, json=command())
    again = await client.http.request(route, json=command(description="다르게"))
    assert first["id"] == again["id"]
    assert [one["description"] for one in scene.server.commands] == ["다르게"]
    assert [r.status for r in scene.server.requests.of("POST", "/commands")] == [201, 200]
