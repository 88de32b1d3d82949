"""A stand-in for the Hugging Face hub on loopback: the endpoints that its client calls, no others.

Anything else is answered with 500 and remembered in `strange`. Large files live on a second
address that a redirect leads to and that must not be given the token, as on the real hub.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

API = re.compile(r"/api/models/(?P<name>[^/]+/[^/]+)(/revision/(?P<revision>[^/]+))?")
TREE = re.compile(r"/api/models/(?P<name>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)")
FILE = re.compile(r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
STORED = re.compile(r"/stored/(?P<digest>[0-9a-f]{64})")
IGNORED = ("/api/agent-harnesses",)  # asked when a program, not a person, runs the client
LARGE = (".safetensors", ".bin")


@dataclass
class Repository:
    """Hold the files of one repository; `pretended` are sizes that the listing claims instead."""

    files: dict[str, bytes]
    branches: tuple[str, ...] = ("main",)
    gated: bool = False
    pretended: dict[str, int] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        """Name the only commit."""
        names = "".join(f"{name}{digest(data)}" for name, data in sorted(self.files.items()))
        return hashlib.sha1(names.encode()).hexdigest()


@dataclass
class Hub:
    """Serve repositories; `token` is the only one it accepts.

    `cuts` maps a file to the bytes after which its next downloads break, one entry a download.
    """

    repositories: dict[str, Repository] = field(default_factory=dict)
    token: str = "hf_right"
    cuts: dict[str, list[int]] = field(default_factory=dict)
    delay: float = 0.0
    status: int = 200
    url: str = ""
    requests: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    halted: threading.Event = field(default_factory=threading.Event)


def digest(data: bytes) -> str:
    """Name a file's content as the hub does."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve on a free port of loopback."""

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.halted.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append(f"{self.command} {path}")
        said = self.headers.get("authorization")
        if path in IGNORED:
            self._send(404, {}, b"")
        elif found := STORED.fullmatch(path):
            self._stored(found["digest"])
        elif self.hub.status != 200:
            self._send(self.hub.status, {}, b"")
        elif said not in (None, f"Bearer {self.hub.token}"):
            words = "Invalid credentials in Authorization header"
            self._send(401, {"X-Error-Message": words}, b"")
        elif found := (TREE.fullmatch(path) or API.fullmatch(path) or FILE.fullmatch(path)):
            self._in_repository(found, said is not None)
        else:
            self.hub.strange.append(path)
            self._send(500, {}, b"")

    def _in_repository(self, found: re.Match[str], signed_in: bool) -> None:
        repository = self.hub.repositories.get(found["name"])
        if repository is None:
            self._send(404 if signed_in else 401, {"X-Error-Code": "RepoNotFound"}, b"")
        elif found["revision"] not in (None, repository.commit, *repository.branches):
            self._send(404, {"X-Error-Code": "RevisionNotFound"}, b"")
        elif found.re is API:
            self._json({"id": found["name"], "sha": repository.commit, "siblings": []})
        elif found.re is TREE:
            self._json([_entry(repository, name) for name in repository.files])
        elif repository.gated:
            self._send(403 if signed_in else 401, {"X-Error-Code": "GatedRepo"}, b"")
        else:
            self._file(repository, found["path"])

    def _file(self, repository: Repository, path: str) -> None:
        commit = {"X-Repo-Commit": repository.commit}
        if path not in repository.files:
            self._send(404, {"X-Error-Code": "EntryNotFound", **commit}, b"")
            return
        data = repository.files[path]
        if not path.endswith(LARGE):
            self._content(path, data, {"ETag": f'"{digest(data)[:40]}"', **commit})
            return
        size = repository.pretended.get(path, len(data))
        linked = {"X-Linked-Etag": f'"{digest(data)}"', "X-Linked-Size": str(size), **commit}
        # Another name of the same machine: the client must take it for a stranger.
        elsewhere = self.hub.url.replace("127.0.0.1", "localhost")
        self._send(302, {"Location": f"{elsewhere}/stored/{digest(data)}", **linked}, b"")

    def _stored(self, wanted: str) -> None:
        if self.headers.get("authorization"):
            self.hub.strange.append("a token sent to another host")
        for repository in self.hub.repositories.values():
            for path, data in repository.files.items():
                if digest(data) == wanted:
                    self._content(path, data, {"ETag": f'"{wanted}"'})
                    return
        self._send(404, {}, b"")

    def _content(self, path: str, data: bytes, headers: Mapping[str, str]) -> None:
        asked = self.headers.get("range")
        if asked:
            self.hub.ranges.append(f"{path} {asked}")
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        ranged = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if asked else {}
        body = data[start:]
        cuts = self.hub.cuts.get(path, []) if self.command == "GET" else []
        cut = cuts.pop(0) if cuts else len(body)
        self._send(206 if asked else 200, {**headers, **ranged}, body, cut)

    def _json(self, value: object) -> None:
        self._send(200, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def _send(
        self, status: int, headers: Mapping[str, str], body: bytes, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        for start in range(0, len(body[:cut]), 1 << 16):
            self.wfile.write(body[start : min(start + (1 << 16), len(body[:cut]))])
            self.wfile.flush()
            if self.hub.delay and self.hub.halted.wait(self.hub.delay):
                break
        if cut is not None and cut < len(body):
            self.close_connection = True


def _entry(repository: Repository, name: str) -> dict[str, object]:
    data = repository.files[name]
    size = repository.pretended.get(name, len(data))
    entry: dict[str, object] = {"type": "file", "path": name, "size": size}
    entry["oid"] = hashlib.sha1(data).hexdigest()
    if name.endswith(LARGE):
        entry["lfs"] = {"oid": digest(data), "size": size, "pointerSize": 134}
    return entry
