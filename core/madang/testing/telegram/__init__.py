"""A strict stand-in for the Bot API of Telegram, and people who use it.

    async with telegram_server() as server:
        minji = server.person("민지")
        chat = server.private(minji)
        ...  # start the bot with server.token, server.base_url and server.base_file_url
        minji.says(chat, "안녕?")
        await chat.transcript.until(lambda seen: seen.answers() == ["안녕!"])
        print(chat.transcript.render())

It follows the published Bot API 10.3 and refuses what the live service refuses. Every object that
it sends is built once with python-telegram-bot's own types; what does not fit is in
`server.problems`. Nobody could compare it with the live service, so these rules are guesses:

- The words of refusals, apart from those that python-telegram-bot itself recognises.
- The numbers in `Limits`: bursts, that edits and messages share one budget, how many drafts a
  second are allowed, that a penalty holds for one method in one chat and doubles when ignored.
- Texts are measured in UTF-16 code units everywhere; the service may allow more.
- Crossing entities, an unknown entity type and too many buttons are refused; the service may
  repair them. Entities beyond the first hundred, inside code, and links without a target are
  dropped from the screen (`Sight.content.dropped`), as on the service.
- An edit to the same text but for white space at its ends is "not modified".
- A mention reaches a bot in privacy mode, and so does every command without a bot's name.
- A message of the bot ends the drafts of its chat and topic. A draft that was stopped is not shown
  again, though calls for it succeed.
- A topic of a private chat that its person deletes takes its messages along; from then on it is
  not found.
- A click must be answered within 15 seconds.
- A rich message in HTML is checked: tags, nesting, entities and the published limits, of which the
  characters are counted in the words. Its Markdown and its blocks are only measured. It is sent
  back as one paragraph for each line. A message may become rich by an edit, and text again. What
  the service says of one that it refuses is not known; `server.world.rich` has it refuse them all,
  not know them as an older server, or show their bare text. Whether entities count within a
  formula, what a document does with line breaks beside `<br>`, and whether media could come in by
  an edit is not known either; media in tags are counted and shown to nobody.
- A webhook gets its updates in order, one at a time, as often as it takes. A body in the answer to
  it is ignored.
- How a client splits a pasted text, and what the service finds in a text by itself.
"""

from madang.testing.telegram.attachments import Attachment
from madang.testing.telegram.blemishes import blemishes
from madang.testing.telegram.calls import Call
from madang.testing.telegram.chats import Chat, Topic
from madang.testing.telegram.clicks import Click
from madang.testing.telegram.clock import ManualClock, RunningClock
from madang.testing.telegram.entity import Entity
from madang.testing.telegram.faults import Broken, Cut, Flood, Lost, Slow
from madang.testing.telegram.limits import Limits
from madang.testing.telegram.messages import Message
from madang.testing.telegram.people import Person
from madang.testing.telegram.server import TelegramServer, telegram_server
from madang.testing.telegram.text import units
from madang.testing.telegram.transcript import Sight, Transcript

__all__ = [
    "Attachment",
    "Broken",
    "Call",
    "Chat",
    "Click",
    "Cut",
    "Entity",
    "Flood",
    "Limits",
    "Lost",
    "ManualClock",
    "Message",
    "Person",
    "RunningClock",
    "Sight",
    "Slow",
    "TelegramServer",
    "Topic",
    "Transcript",
    "blemishes",
    "telegram_server",
    "units",
]
