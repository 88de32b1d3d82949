"""Discord, played by a local server: strict, with people in it, for the real discord.py client.

    async with open_discord() as server:
        guild = server.guild("마당")
        channel = server.channel(guild, "잡담")
        mina = server.person("미나", guild)
        async with running(client, server):
            mina.says(channel, "@마당이 안녕")
            answer = await channel.finds(lambda message: message.author is server.bot)
            pressed = await mina.clicks(answer, "다시")
        print(channel.transcript)

REST version 10, the gateway, interactions, webhooks and the CDN are served on one local port.
discord.py comes with the extra `discord`; nothing else of madang imports this package.

It is a stand-in: its rules are those of the published documentation and of what discord.py
expects. These could not be verified against the live service:

- Rates of single routes. The service publishes none; 5 in 5 s for sending and editing in one
  channel, each counted for itself, is what is reported, and windows here start at the first use.
- Length is counted in code points, and white space around a text is cut off.
- The status and code of an exhausted daily budget for commands (here 400/30034), 15 context menu
  commands of a kind, and that false flags and empty lists of a definition are not repeated.
- The codes inside of the error tree; the paths follow the documentation.
- Which private messages and answers reach the gateway: here a private one is told to nobody.
- Without the message content intent, a replied-to message is emptied by the same rule as any
  other, webhook messages stay readable, and mentioning the bot's role does not count.
- A bot hears all public threads that it may see, and private ones that it joined.
- Editing or reacting in an archived thread is refused with 50083; speaking wakes it.
- That an edit which adds files needs the permission to attach them.
- The first follow-up after a deferred answer takes its place.
- A webhook's name: in error trees `USERNAME_INVALID_CONTAINS`; white space in it is put in order.
- Webhooks of a thread (here 400/50024), a wrong token (401/50027), a thread of another channel
  (404/10003), and interactive components of a webhook without an application (400/50035).
- An interaction token after 15 minutes: here 401/50027.

Not played at all: voice, polls, stickers, custom emoji, forums, categories, announcements, pins,
automoderation, the audit log, entitlements, system messages other than a thread's first, a
guild's own overrides of command permissions, direct messages between people, zstd and ETF on the
gateway, and the five seconds between two identifies, which discord.py keeps by itself
(`before_identify_hook`). What a person does in the app is checked less than what a bot does.
"""

from madang.testing.discord.clients import running
from madang.testing.discord.faults import Fault
from madang.testing.discord.people.person import Person
from madang.testing.discord.pointing import pointed_at
from madang.testing.discord.rules import Rate, Rules
from madang.testing.discord.server import DiscordServer, open_discord
from madang.testing.discord.state.attachments import Upload
from madang.testing.discord.state.world import Portal

__all__ = [
    "DiscordServer",
    "Fault",
    "Person",
    "Portal",
    "Rate",
    "Rules",
    "Upload",
    "open_discord",
    "pointed_at",
    "running",
]
