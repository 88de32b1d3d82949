"""Attachments: the files of a chat, and the shelf that the service keeps them on."""

import mimetypes
from dataclasses import dataclass

from madang.testing.telegram.wire import Json, bad_request

DOWNLOAD = 20_000_000
UPLOAD = 50_000_000


@dataclass(frozen=True)
class Attachment:
    """Hold a file; `claims` is a size in bytes to pretend, so that big files cost nothing."""

    name: str
    data: bytes = b""
    mime: str = ""
    claims: int = 0
    photo: bool = False

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return self.claims or len(self.data)


@dataclass(frozen=True)
class Stored:
    """Name an attachment that the service has."""

    id: str
    attachment: Attachment

    @property
    def path(self) -> str:
        """Return where it can be downloaded."""
        return f"documents/{self.id}"

    def payload(self) -> Json:
        """Return what every kind of file travels with."""
        size = self.attachment.size
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": size}

    def media(self) -> Json:
        """Return the part of a message that shows it."""
        if self.attachment.photo:
            return {"photo": [{**self.payload(), "width": 640, "height": 480}]}
        name = self.attachment.name
        mime = self.attachment.mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return {"document": {**self.payload(), "file_name": name, "mime_type": mime}}


class Shelf:
    """Keep files by their identity."""

    def __init__(self) -> None:
        self._stored: dict[str, Stored] = {}

    def put(self, attachment: Attachment) -> Stored:
        """Keep a file."""
        if not attachment.size:
            raise bad_request("file must be non-empty")
        stored = Stored(f"BQACAgUAAx{len(self._stored) + 1:05d}", attachment)
        self._stored[stored.id] = stored
        return stored

    def get(self, identity: str) -> Stored:
        """Find a file."""
        if identity not in self._stored:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return self._stored[identity]

    def to_download(self, identity: str) -> Stored:
        """Find a file that is small enough to be downloaded by a bot."""
        stored = self.get(identity)
        if stored.attachment.size > DOWNLOAD:
            raise bad_request("file is too big")
        return stored
