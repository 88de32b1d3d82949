"""Publishing the commands on Discord, in both languages, and only when something changed."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.http import Route

from madang.texts import Texts

_log = logging.getLogger(__name__)

Json = Mapping[str, Any]
COMPARED = (
    *("type", "name", "description", "options", "choices", "required", "autocomplete"),
    *("name_localizations", "description_localizations", "default_member_permissions"),
    *("contexts", "integration_types", "nsfw", "value", "channel_types"),
    *("min_value", "max_value", "min_length", "max_length"),
)
"""What a command is; Discord adds its id, its version and more."""
PARTS = ("options", "choices")
WHERE = defaultdict(lambda: "{}", {1: "/{}", 2: "“{}” on people", 3: "“{}” on messages"})
"""How a command of a type is named; the others are not of bots."""


class InKorean(app_commands.Translator):
    """Give the Korean words of a command; the English ones stand in the code and in `en.toml`."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: "app_commands.TranslationContextTypes",
    ) -> str | None:
        """Return the words under the key of a string, for Korean."""
        if locale is not discord.Locale.korean:
            return None
        return Texts.of(__package__, "ko").words.get(string.extras.get("key", ""))


def word(key: str) -> locale_str:
    """Return words for a command, in English with their key."""
    return locale_str(Texts.of(__package__, "en")(key), key=key)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Name the commands that Discord lacks, those that it has otherwise, and foreign ones."""

    missing: Sequence[str] = ()
    changed: Sequence[str] = ()
    foreign: Sequence[str] = ()

    def __bool__(self) -> bool:
        """Say whether there is any difference."""
        return bool(self.missing or self.changed or self.foreign)


async def publish(client: discord.Client, tree: "app_commands.CommandTree[Any]") -> bool:
    """Bring Discord's list of commands to what it should be; False where it was so already."""
    wanted = await wanted_of(tree)
    if not await difference(client, wanted):
        return False
    await client.http.bulk_upsert_global_commands(_application(client), payload=wanted)
    _log.info("the commands are published anew")
    return True


async def wanted_of(tree: "app_commands.CommandTree[Any]") -> "list[dict[str, Any]]":
    """Word the commands of a tree as Discord is sent them."""
    translator = tree.translator or InKorean()
    return [await each.get_translated_payload(tree, translator) for each in tree.get_commands()]


async def difference(client: discord.Client, wanted: Sequence[Json]) -> Difference:
    """Compare Discord's list of commands with what it should be, and change nothing."""
    route = Route(
        "GET", "/applications/{application_id}/commands", application_id=_application(client)
    )
    listed = await client.http.request(route, params={"with_localizations": "true"})
    there, ours = _named(listed), _named(wanted)
    return Difference(
        missing=[name for name in ours if name not in there],
        changed=[name for name in ours if name in there and there[name] != ours[name]],
        foreign=[name for name in there if name not in ours],
    )


def _application(client: discord.Client) -> int:
    if client.application_id is None:
        raise discord.ClientException("The commands belong to a client that has logged in.")
    return client.application_id


def _named(commands: Sequence[Json]) -> dict[str, Json]:
    """Sort commands under their names as people see them; a menu may be named like a command."""
    return {WHERE[each.get("type", 1)].format(each["name"]): _plain(each) for each in commands}


def _plain(item: Json) -> dict[str, Any]:
    """Keep what says something: what is empty or off is as good as left out."""
    kept = {key: item[key] for key in COMPARED if item.get(key) not in (None, "", False, [], {})}
    for key in PARTS:
        if key in kept:
            kept[key] = [_plain(part) for part in kept[key]]
    for key in ("contexts", "integration_types"):
        if key in kept:
            kept[key] = sorted(kept[key])
    if "default_member_permissions" in kept:
        kept["default_member_permissions"] = str(kept["default_member_permissions"])
    return kept
