"""How one answer looks: who speaks, what stands above and under it, and in how many messages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from madang.conversation import Reply, Update
from madang.delivery import utf16
from madang_discord.content import Attached, Content, Heading
from madang_discord.faces import Face, above
from madang_discord.places import Spot, spot_of
from madang_discord.talk import Talk
from madang_discord.wording import LIMIT, Wording


@dataclass(frozen=True, kw_only=True)
class Look:
    """Turn an answer into at most `most` messages; a `silent` one shows nothing of a failure."""

    talk: Talk
    heading: Heading
    face: Face
    most: int
    silent: bool

    def contents(self, reply: Reply, update: Update) -> Sequence[Content]:
        """Return what its messages show now."""
        if self.silent and failed(update):
            return []
        spot = spot_of(reply.place)
        texts = self.talk.texts(reply.place)
        line = above(texts, spot, self.heading)
        wording = Wording(
            texts=texts,
            messages=self.most,
            limit=LIMIT - utf16(line) - 1 if self.face.on else LIMIT,
            files=self.face.on or self._may_send_files(spot),
        )
        contents = wording.contents(reply, update, self._under(reply, update))
        return [replace(each, above="" if n else line) for n, each in enumerate(contents)]

    def _may_send_files(self, spot: Spot) -> bool:
        given = self.talk.given(spot.guild, spot.parent or spot.channel) if spot.guild else None
        return given is None or given.attach_files

    def _under(self, reply: Reply, update: Update) -> Attached | None:
        found = (feature.under(reply, update) for feature in self.talk.features)
        return next((each for each in found if each is not None), None)


def failed(update: Update) -> bool:
    """Say whether nothing came of an answer but a problem."""
    return update.problem is not None and not update.text
