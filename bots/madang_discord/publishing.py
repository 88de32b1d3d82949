"""Publishing the commands on Discord, in both languages, and only when something changed."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.http import Route

from madang.texts import Texts

if TYPE_CHECKING:
    from madang_discord.ears import Ears

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


async def publish(client: "Ears", tree: "app_commands.CommandTree[Any]") -> bool:
    """Bring Discord's list of commands to what it should be; False where it was so already."""
    key, translator = client.application_id, tree.translator
    if key is None or translator is None:
        return False
    wanted = [await each.get_translated_payload(tree, translator) for each in tree.get_commands()]
    route = Route("GET", "/applications/{application_id}/commands", application_id=key)
    there = await client.http.request(route, params={"with_localizations": "true"})
    if _all(there) == _all(wanted):
        return False
    await client.http.bulk_upsert_global_commands(key, payload=wanted)
    _log.info("the commands are published anew")
    return True


def _all(commands: Sequence[Json]) -> list[Json]:
    plain = [_plain(each) for each in commands]
    return sorted(plain, key=lambda each: (each.get("type", 1), each["name"]))


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
