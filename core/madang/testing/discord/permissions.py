"""Permissions: their bits, and what a member may do in a place."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.testing.discord.state.places import Place
    from madang.testing.discord.state.users import Member, User

BITS = {
    "kick_members": 1 << 1,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "manage_roles": 1 << 28,
    "manage_webhooks": 1 << 29,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
}
ALL = (1 << 53) - 1
PRIVATE_THREAD = 12
MANAGING = (
    "kick_members",
    "administrator",
    "manage_channels",
    "manage_guild",
    "manage_messages",
    "manage_roles",
    "manage_webhooks",
    "manage_threads",
    "mention_everyone",
)


def bits(*names: str) -> int:
    """Return the number of some permissions, by discord.py's names."""
    return sum(BITS[name] for name in set(names))


EVERYDAY = bits(*(name for name in BITS if name not in MANAGING))


def of_member(member: "Member") -> int:
    """Return what a member may do in the guild as a whole."""
    if member.guild.owner is member.user:
        return ALL
    value = member.guild.everyone.permissions
    for role in member.roles:
        value |= role.permissions
    return ALL if value & BITS["administrator"] else value


def of_user(user: "User", place: "Place") -> int:
    """Return what a user may do in a place: everyday things in a DM, nothing for a stranger."""
    if place.guild is None:
        return EVERYDAY if user in place.recipients or user.bot else 0
    member = place.guild.members.get(user.id)
    if member is None:
        return 0
    value = of_member(member)
    if value == ALL:
        return ALL
    value = _overwritten(value, member, place.parent or place)
    return value if value & BITS["view_channel"] and _enters(member, place, value) else 0


def may(user: "User", place: "Place", *names: str) -> bool:
    """Tell whether a user has all of some permissions in a place."""
    wanted = bits(*names)
    return of_user(user, place) & wanted == wanted


def _enters(member: "Member", place: "Place", value: int) -> bool:
    if place.thread is None or place.kind != PRIVATE_THREAD:
        return True
    return member.user.id in place.thread.members or bool(value & BITS["manage_threads"])


def _overwritten(value: int, member: "Member", place: "Place") -> int:
    """Apply overwrites in their order: everyone, then all roles at once, then the member."""
    layers = [
        [place.overwrites.get(member.guild.id)],
        [place.overwrites.get(role.id) for role in member.roles],
        [place.overwrites.get(member.user.id)],
    ]
    for layer in layers:
        found = [overwrite for overwrite in layer if overwrite is not None]
        for overwrite in found:
            value &= ~overwrite.deny
        for overwrite in found:
            value |= overwrite.allow
    return value
