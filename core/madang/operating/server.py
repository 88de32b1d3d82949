"""The small HTTP server for monitors: threads that ask the event loop, with a time limit."""

import asyncio
import logging
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

import msgspec

from madang.operating.listening import Address
from madang.operating.page import Page, Pages

_log = logging.getLogger(__name__)

LOOP_SECONDS = 2.0
CLIENT_SECONDS = 10.0
STOP_SECONDS = 0.1
ENDING = "The process is ending."


@asynccontextmanager
async def serving(address: Address, pages: Pages) -> AsyncIterator[str]:
    """Serve pages until the end of the block; gives the URL under which they are found."""
    with address.explained():
        server = _Server(address, pages, asyncio.get_running_loop())
    thread = threading.Thread(
        target=server.serve_forever, args=(STOP_SECONDS,), name="monitors", daemon=True
    )
    thread.start()
    try:
        yield address.url(server.server_address[1])
    finally:
        # Not in this thread: a page that is being made needs the loop.
        await asyncio.to_thread(server.shutdown)
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A second process must be told that the port is taken.
    allow_reuse_port = False

    def __init__(self, address: Address, pages: Pages, loop: asyncio.AbstractEventLoop) -> None:
        self.address_family = address.family
        self.pages = pages
        self.loop = loop
        super().__init__((address.host, address.port), _Handler)

    def server_bind(self) -> None:
        # The one of HTTPServer asks the name service who this machine is, which may take seconds.
        TCPServer.server_bind(self)

    def page(self, path: str) -> Page:
        """Have the loop make a page; a loop that does not come to it is what `/healthz` is for."""
        make = self.pages.get(path)
        if make is None:
            return _told(404, f"There is no {path}; there are {', '.join(self.pages)}.")
        making = make()
        try:
            future = asyncio.run_coroutine_threadsafe(making, self.loop)
        except RuntimeError:
            making.close()
            return _told(503, ENDING)
        try:
            return future.result(LOOP_SECONDS)
        except CancelledError:
            return _told(503, ENDING)
        except TimeoutError:
            future.cancel()
            return _told(503, f"The event loop did not answer within {LOOP_SECONDS:g} s.")

    def handle_error(self, request: object, client_address: object) -> None:
        gone = isinstance(sys.exception(), ConnectionError | TimeoutError)
        level = logging.DEBUG if gone else logging.WARNING
        _log.log(level, "A request of a monitor failed.", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "madang"
    sys_version = ""
    timeout = CLIENT_SECONDS

    def do_GET(self) -> None:
        page = self.server.page(self.path.partition("?")[0])
        self.send_response(page.status)
        self.send_header("Content-Type", page.kind)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        _log.debug(format, *args)


def _told(status: int, why: str) -> Page:
    return Page(status, msgspec.json.encode({"status": "error", "why": why}))
