"""Intents: which session hears which event, and whether it may read what was said."""

from madang.testing.discord.state.world import Event, Portal

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS, GUILD_TYPING = 1 << 9, 1 << 10, 1 << 11
DM_MESSAGES, DM_REACTIONS, DM_TYPING = 1 << 12, 1 << 13, 1 << 14
MESSAGE_CONTENT = 1 << 15
KNOWN = (1 << 26) - 1

ALWAYS = ("INTERACTION_CREATE", "GUILD_MEMBERS_CHUNK", "THREAD_MEMBER_UPDATE")
PREFIXES = (
    ("MESSAGE_REACTION", GUILD_REACTIONS, DM_REACTIONS),
    ("MESSAGE_", GUILD_MESSAGES, DM_MESSAGES),
    ("TYPING_", GUILD_TYPING, DM_TYPING),
    ("GUILD_MEMBER_", MEMBERS, 0),
    ("GUILD_", GUILDS, 0),
    ("CHANNEL_", GUILDS, DM_MESSAGES),
    ("THREAD_", GUILDS, 0),
)


def hears(intents: int, event: Event) -> bool:
    """Tell whether a session with such intents hears an event."""
    if event.name in ALWAYS:
        return True
    for prefix, in_guild, in_dm in PREFIXES:
        if event.name.startswith(prefix):
            return bool(intents & (in_guild if event.guild else in_dm))
    return False


def reads(intents: int) -> bool:
    """Tell whether a session reads what was not said to the bot."""
    return bool(intents & MESSAGE_CONTENT)


def disallowed(intents: int, portal: Portal) -> int:
    """Return the privileged intents that were asked for and are not given in the portal."""
    given = {
        MEMBERS: portal.members,
        PRESENCES: portal.presences,
        MESSAGE_CONTENT: portal.message_content,
    }
    return sum(bit for bit, allowed in given.items() if intents & bit and not allowed)
