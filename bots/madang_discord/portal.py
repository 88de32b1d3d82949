"""What the developer portal says of the bot: who it is, and what it may read."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import discord

PORTAL = "https://discord.com/developers/applications"
NEEDED: Mapping[str, tuple[str, str]] = {
    "view_channel": ("View Channels", "nothing is heard"),
    "send_messages": ("Send Messages", "nothing is answered in channels"),
    "send_messages_in_threads": ("Send Messages in Threads", "nothing is answered in threads"),
    "embed_links": ("Embed Links", "links are shown without a preview"),
    "attach_files": ("Attach Files", "long answers have no file"),
    "read_message_history": (
        "Read Message History",
        "what was said earlier is not read back, and what was missed is not answered",
    ),
    "add_reactions": ("Add Reactions", "problems are not told by a reaction"),
}
"""What the bot needs on a server, no more: as Discord shows it, and what fails without it."""
PERMISSIONS = discord.Permissions(**dict.fromkeys(NEEDED, True))
LONGEST_LIMIT = 30.0
"""For how many seconds a call waits that Discord turns away; a longer wait is told instead."""


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """Say who the bot is; `reads` where it may read messages that do not mention it.

    A bot that is not `public` is invited by its owner alone; one with `user_install` can be
    installed by people for themselves, as about so many `users` did.
    """

    user: discord.ClientUser
    application: int
    reads: bool
    public: bool
    user_install: bool
    users: int

    @property
    def invitation(self) -> str:
        """Return the link with which an admin invites the bot."""
        scopes = ("bot", "applications.commands")
        return discord.utils.oauth_url(self.application, permissions=PERMISSIONS, scopes=scopes)

    @property
    def user_invitation(self) -> str:
        """Return the link with which people install the commands for themselves."""
        link = discord.utils.oauth_url(self.application, scopes=("applications.commands",))
        return f"{link}&integration_type=1"

    @property
    def warnings(self) -> list[str]:
        """Word what is missing, and what works all the same."""
        if self.reads:
            return []
        return [
            "The message content intent is off: on servers only messages that mention the bot, "
            "direct messages, commands and menus are answered; threads and free channels are not. "
            f"Switch it on at {PORTAL}, Bot, Message Content Intent."
        ]


@contextlib.asynccontextmanager
async def asking(token: str) -> AsyncIterator[discord.Client]:
    """Lend a client that is logged in and not connected; raises what discord.py's `login` does."""
    # Nobody here speaks, so nobody needs to hear that packages for it are missing.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    only_calls = discord.Intents(guilds=True)
    async with discord.Client(intents=only_calls, max_ratelimit_timeout=LONGEST_LIMIT) as client:
        await client.login(token)
        yield client


async def introduced(token: str) -> Introduction:
    """Ask Discord who a token belongs to; raises what discord.py's `login` does."""
    async with asking(token) as client:
        return introduction_of(client)


def introduction_of(client: discord.Client) -> Introduction:
    """Read what Discord said of a client when it logged in."""
    info, user = client.application, client.user
    if info is None or user is None:
        raise discord.LoginFailure("Discord does not say who this is.")
    flags = info.flags
    return Introduction(
        user=user,
        application=info.id,
        reads=flags.gateway_message_content or flags.gateway_message_content_limited,
        public=info.bot_public,
        user_install=info.user_integration_config is not None,
        users=info.approximate_user_install_count or 0,
    )


def lacking(given: discord.Permissions) -> list[str]:
    """List what the bot needs of permissions and is not given."""
    if given.administrator:
        return []
    return [name for name in NEEDED if not getattr(given, name)]


def titles(names: list[str]) -> str:
    """Name permissions as Discord shows them."""
    return ", ".join(NEEDED[name][0] for name in names)
