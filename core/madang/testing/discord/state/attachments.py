"""Files: what is uploaded, and what is offered for download."""

import hashlib
import mimetypes
from dataclasses import dataclass

from madang.testing.discord.refusals import Json


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Be a file on its way in; `size` may claim more than `data` holds."""

    name: str
    data: bytes = b""
    size: int | None = None
    content_type: str | None = None


@dataclass(eq=False, kw_only=True)
class Attachment:
    """Be a file of a message; `downloads` counts who fetched it."""

    id: int
    place_id: int
    name: str
    data: bytes
    size: int
    content_type: str | None
    base_url: str
    expires: float
    description: str | None = None
    downloads: int = 0

    @property
    def text(self) -> str:
        """Return the data as UTF-8 text."""
        return self.data.decode()

    @property
    def path(self) -> str:
        """Return where the file lies on the CDN."""
        return f"/attachments/{self.place_id}/{self.id}/{self.name}"

    @property
    def signature(self) -> str:
        """Return what makes the link valid until it expires."""
        return hashlib.sha256(f"{self.path} {int(self.expires)}".encode()).hexdigest()

    @property
    def url(self) -> str:
        """Return the signed link."""
        query = f"?ex={int(self.expires):x}&is={int(self.expires):x}&hm={self.signature}"
        return f"{self.base_url}{self.path}{query}"

    def payload(self) -> Json:
        """Return the attachment object of the API."""
        body: Json = {
            "id": str(self.id),
            "filename": self.name,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.content_type is not None:
            body["content_type"] = self.content_type
        if self.description is not None:
            body["description"] = self.description
        return body


def guessed_type(name: str) -> str | None:
    """Return the content type that the service derives from a name, with a charset for text."""
    kind, _ = mimetypes.guess_type(name)
    if name.endswith(".md"):
        kind = "text/markdown"
    return f"{kind}; charset=utf-8" if kind and kind.startswith("text/") else kind
