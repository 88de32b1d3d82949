"""Every error that madang raises on purpose.

MadangError
├── SettingsError            a profile, a key or a value is wrong
├── PluginError              a plugin cannot be used
│   ├── PluginNotFound
│   ├── PluginFailed             raised, exited or could not be imported
│   ├── BadHook                  a misspelt hook or a wrong signature
│   └── AlreadyRegistered        a second thing of one name
├── PersonaError             a persona's files are wrong
│   ├── TemplateError
│   ├── UnknownPersona
│   └── UnknownForm
├── ModelError               a model cannot be served
│   ├── UnknownModel
│   ├── UnknownAdapter
│   ├── LicenceNotAccepted       the operator has to accept a restriction by name
│   ├── ModelNotLoaded
│   ├── MissingPackage
│   ├── UnsupportedParameter
│   └── PromptTooLong
├── QueueError
│   ├── QueueBusy                too many waiting, of everybody or of one person
│   ├── QueueClosed
│   ├── QueueUnreachable         its server is away
│   ├── RequestTooLarge
│   └── WorkerLost
├── StoreError
│   ├── StoreCorrupt
│   ├── StoreTooNew
│   ├── StoreNotWritable         read-only, or the disk is full
│   └── TurnNotFound
├── DocumentError            a file that somebody sent cannot be used
│   ├── DocumentUnsupported      neither text, Markdown nor PDF
│   ├── DocumentTooLarge
│   ├── DocumentUnreadable       damaged, locked, or no text at all
│   └── DocumentEmpty            no letters in it, such as a scan
└── ConversationError        what was asked for does not fit the conversation
    ├── ConversationBusy
    ├── NothingThere
    ├── NotTheLast               more was said since
    ├── Refused                  by a filter
    ├── SwitchedOff              by the operator
    ├── Quota                    a limit of the day is used up
    ├── MessageEmpty
    ├── MessageTooLong
    └── BadAnswer                the judge refused every try

Each names the culprit and says what to do next. `code` is stable: bots look up the words for
people under it, and it crosses process borders in a `Problem`.
"""

import difflib
import re
from collections.abc import Iterable


class MadangError(Exception):
    """Stop with a message for a person and a `hint` that says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """Return the stable name, such as `prompt_too_long`."""
        return error_code(type(self))

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class SettingsError(MadangError):
    """Name the file, the key and what would be right."""


class PluginError(MadangError):
    """Name the plugin."""


class PluginNotFound(PluginError):
    """No plugin of that name."""


class PluginFailed(PluginError):
    """The plugin raised, exited, or could not be imported."""


class BadHook(PluginError):
    """A hook is misspelt or takes other arguments than it is given."""


class AlreadyRegistered(PluginError):
    """Two things of one kind have one name."""


class PersonaError(MadangError):
    """Name the persona and the file."""


class TemplateError(PersonaError):
    """A template names a value that nobody gives, or its braces do not match."""


class UnknownPersona(PersonaError):
    """No persona of that name, or it has no such mode."""


class UnknownForm(PersonaError):
    """The persona has no form of that name."""


class ModelError(MadangError):
    """Name the model."""


class UnknownModel(ModelError):
    """The profile has no model of that name."""


class UnknownAdapter(ModelError):
    """The model has no adapter of that name."""


class LicenceNotAccepted(ModelError):
    """The model's licence restricts its use, and the operator has not accepted that."""


class ModelNotLoaded(ModelError):
    """The weights could not be loaded; the message says which file and why."""


class MissingPackage(ModelError):
    """A Python package that this needs is not installed."""


class UnsupportedParameter(ModelError):
    """The backend cannot honour a parameter that the profile asks for."""


class PromptTooLong(ModelError):
    """The last question alone does not fit the model's context."""


class QueueError(MadangError):
    """Say why the request is not on its way."""


class QueueBusy(QueueError):
    """Too much is waiting already."""


class QueueClosed(QueueError):
    """The queue is shutting down."""


class QueueUnreachable(QueueError):
    """The server of the queue cannot be reached."""


class RequestTooLarge(QueueError):
    """The request has more bytes than the queue takes."""


class WorkerLost(QueueError):
    """The worker went away and nobody could finish its request."""


class StoreError(MadangError):
    """Name the file."""


class StoreCorrupt(StoreError):
    """The file is damaged or is no store."""


class StoreTooNew(StoreError):
    """A newer madang wrote the file."""


class StoreNotWritable(StoreError):
    """The file or its folder is read-only, or the disk is full."""


class TurnNotFound(StoreError):
    """The turn is gone, such as after `forget`."""


class DocumentError(MadangError):
    """Name the file."""


class DocumentUnsupported(DocumentError):
    """The file is of a kind that is not read."""


class DocumentTooLarge(DocumentError):
    """The file has more bytes, pages or characters than are read."""


class DocumentUnreadable(DocumentError):
    """The file is damaged, locked, or not what its name says."""


class DocumentEmpty(DocumentError):
    """The file holds no text."""


class ConversationError(MadangError):
    """Say what does not fit."""


class ConversationBusy(ConversationError):
    """An answer is already on its way."""


class NothingThere(ConversationError):
    """There is no turn to retry, undo or edit."""


class NotTheLast(ConversationError):
    """More was said since the answer that is to change."""


class Refused(ConversationError):
    """A filter refused the text."""


class SwitchedOff(ConversationError):
    """The operator switched off the persona, the place or the bot."""


class Quota(ConversationError):
    """A person or a place has used up what a day allows."""


class MessageEmpty(ConversationError):
    """The message holds nothing to answer."""


class MessageTooLong(ConversationError):
    """The message is longer than the profile allows."""


class BadAnswer(ConversationError):
    """The judge refused every try."""


def error_code(kind: type[MadangError]) -> str:
    """Spell an error class's name in snake case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def nearest(name: str, known: Iterable[str]) -> str:
    """Word a hint that gives the nearest known name, or all of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(known)}." if known else "There are none yet."
