"""Serving vendors' stand-ins on this machine, each under its system's name.

Belongs here: sockets, HTTP/1.1 and its framing. Not here: what any vendor answers, what a fault
does to an answer (line.py), what is counted and steered (control.py).

Neither headers nor bodies are ever written anywhere: they hold secrets.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote

from finsync_dagster.sandbox.vendors.control import Control
from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.line import Sent, sent_for
from finsync_dagster.sandbox.vendors.wire import Answer, Request, Vendor

LARGEST_REQUEST = 10_000_000  # bytes


class VendorServer(ThreadingHTTPServer):
    """The vendors of a group on one port of 127.0.0.1.

    ``log`` gets one line a request: system, method, path, status, bytes, milliseconds.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        systems: Mapping[str, Vendor],
        faults: Faults,
        control: Control,
        *,
        port: int = 0,
        log: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Exchange)
        self.systems = dict(systems)
        self.faults = faults
        self.control = control
        self.log = log
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._opening = threading.Lock()

    def address(self, system: str) -> str:
        """The address of a system."""
        return f"{self.url}/{system}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that it can be ended."""
        with self._opening:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        with self._opening:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def end(self) -> None:
        """Accept nothing more, and end what is open."""
        self.shutdown()
        self.server_close()
        with self._opening:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(server: VendorServer) -> Iterator[VendorServer]:
    """The server, answering inside."""
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="vendors", daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join()


class _Exchange(BaseHTTPRequestHandler):
    """One connection; its requests come one after another."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 0
    rbufsize = 65536
    server: VendorServer

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what would be logged may hold secrets."""

    def answer(self) -> None:
        """Answer the request whose head was read."""
        begin = time.perf_counter()
        path, _, query = self.path.partition("?")
        _, system, below = (*path.split("/", 2), "", "")[:3]
        body = self._read_body()
        if isinstance(body, Answer):
            self.close_connection = True
            self._send(Sent.whole(body))
            return
        request = Request(
            self.command,
            unquote(f"/{below}"),
            tuple(parse_qsl(query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            self.server.address(system),
        )
        sent = self._answered(system, request)
        if sent is None:
            self.close_connection = True
            return
        self._send(sent)
        if self.server.log:
            spent = (time.perf_counter() - begin) * 1000
            self.server.log(
                f"{system} {request.method} {request.path} {sent.answer.status} "
                f"{len(sent.body)} bytes {spent:.1f} ms"
            )

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def _answered(self, system: str, request: Request) -> Sent | None:
        """What to send; None: nothing, the connection just ends."""
        server = self.server
        if system == "control":
            return Sent.whole(server.control.answer(request))
        vendor = server.systems.get(system)
        if vendor is None:
            return Sent.whole(Answer.json({"error": "no system is mounted here"}, 404))
        down = server.control.down(system)
        if down == "closed":
            server.control.count(system, request, None)
            return None
        if down:
            page = b"<html><body><h1>503 Service Unavailable</h1></body></html>\n"
            sent = Sent.whole(Answer(503, page, (("Content-Type", "text/html"),)))
        else:
            try:
                sent = sent_for(request, system, vendor, server.faults)
            except Exception as error:
                server.control.failed(system, error)
                told = f"the stand-in of {system} failed: {type(error).__name__}"
                sent = Sent.whole(Answer.json({"error": told}, 500))
        server.control.count(system, request, sent.answer.status)
        return sent

    def _read_body(self) -> bytes | Answer:
        if self.headers.get("Transfer-Encoding"):
            return Answer.json({"error": "Content-Length is required"}, 411)
        said = self.headers.get("Content-Length", "0")
        if not said.isascii() or not said.isdigit():
            return Answer.json({"error": "Content-Length is not a number"}, 400)
        if int(said) > LARGEST_REQUEST:
            return Answer.json({"error": "the request is too large"}, 413)
        return self.rfile.read(int(said)) if int(said) else b""

    def _send(self, sent: Sent) -> None:
        if sent.delay:
            time.sleep(sent.delay)
        if sent.ends:
            self.close_connection = True
        status = sent.answer.status
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = ""
        head = [f"HTTP/1.1 {status} {phrase}", f"Date: {self.date_time_string()}"]
        head += [f"{name}: {value}" for name, value in sent.answer.headers]
        head.append(f"Content-Length: {sent.length}")
        if self.close_connection:
            head.append("Connection: close")
        told = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(told if self.command == "HEAD" else told + sent.body)
