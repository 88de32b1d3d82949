"""What a person types, as it is sent: names become mentions."""

from madang.testing.discord.state.places import Place


def with_mentions(place: Place, text: str) -> str:
    """Put mentions in the place of `@name`, longest names first."""
    guild = place.guild
    users = [member.user for member in guild.members.values()] if guild else place.recipients
    names = {guild.name_of(user) if guild else user.name: user.mention for user in users}
    if guild:
        names |= {role.name: role.mention for role in guild.roles.values() if not role.bot}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}", names[name])
    return text
