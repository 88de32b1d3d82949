"""What the developer portal says of the bot: who it is, and what it may read."""

from dataclasses import dataclass

import discord

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    add_reactions=True,
)
"""What the bot needs on a server: no more."""


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """Say who the bot is; `reads` where it may read messages that do not mention it."""

    user: discord.ClientUser
    application: int
    reads: bool
    public: bool

    @property
    def invitation(self) -> str:
        """Return the link with which an admin invites the bot."""
        scopes = ("bot", "applications.commands")
        return discord.utils.oauth_url(self.application, permissions=PERMISSIONS, scopes=scopes)

    @property
    def warnings(self) -> list[str]:
        """Word what is missing, and what works all the same."""
        if self.reads:
            return []
        return [
            "The message content intent is off: on servers only messages that mention the bot, "
            "direct messages, commands and menus are answered; threads and free channels are not. "
            "Switch it on at https://discord.com/developers/applications, Bot, Message Content "
            "Intent."
        ]


async def introduced(token: str) -> Introduction:
    """Ask Discord who a token belongs to; raises what discord.py's `login` does."""
    # Nobody here speaks, so nobody needs to hear that packages for it are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        await client.login(token)
        info, user = client.application, client.user
        if info is None or user is None:
            raise discord.LoginFailure("Discord does not say who this is.")
        flags = info.flags
        reads = flags.gateway_message_content or flags.gateway_message_content_limited
        return Introduction(user=user, application=info.id, reads=reads, public=info.bot_public)
