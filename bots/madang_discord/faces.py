"""As whom a persona speaks: as the bot, or under a name and a picture of its own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from madang.conversation import Reply
from madang.texts import Texts
from madang_discord.content import Heading
from madang_discord.places import Spot, spot_of
from madang_discord.webhooks import fitting
from madang_discord.wording import small

if TYPE_CHECKING:
    from madang_discord.talk import Talk


@dataclass(frozen=True, kw_only=True)
class Face:
    """Say how a persona looks; `on` where it may speak so, and not only as the bot.

    An empty name or picture is that of the webhook.
    """

    name: str = ""
    picture: str = ""
    on: bool = False


def face_of(talk: "Talk", reply: Reply) -> Face:
    """Return as whom the persona of an answer speaks.

    As itself it speaks only where the bot may speak, and where a reply to it, which mentions
    nobody, can be read.
    """
    persona, mine = reply.persona, talk.me.avatar
    switch = talk.conversations.options.said(reply.place).faces
    return Face(
        name=fitting(persona.text(talk.locale(reply.place)).title),
        picture=persona.avatar or (mine.url if mine else ""),
        on=switch is True and talk.reads and _may_speak(talk, spot_of(reply.place)),
    )


def above(texts: Texts, spot: Spot, heading: Heading) -> str:
    """Word whom an answer answers, with a link to the question."""
    if not (spot.guild and heading.message and heading.asker):
        return ""
    link = f"https://discord.com/channels/{spot.guild}/{spot.channel}/{heading.message}"
    return small(texts("answer.to", asker=heading.asker, link=link))


def _may_speak(talk: "Talk", spot: Spot) -> bool:
    """Say whether the bot itself may speak, as far as it knows: webhooks always may."""
    if not spot.guild:
        return False
    given = talk.given(spot.guild, spot.parent or spot.channel)
    if given is None:
        return True
    return given.send_messages_in_threads if spot.parent else given.send_messages
