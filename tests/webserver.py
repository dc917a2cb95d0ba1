"""A web server on loopback that misbehaves on request: real sockets, nothing mocked."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


@dataclass
class Site:
    """The pages of the server by path, and the requests it got: (path, headers) each.

    A path with several answers gives them one after the other, the last one for ever.
    """

    address: str
    pages: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, path: str, *answers: Answer) -> str:
        """Put answers under a path and return its URL."""
        self.pages[path] = list(answers)
        return self.address + path

    def next_answer(self, path: str) -> Answer:
        """Return the answer to give now under a path."""
        answers = self.pages.get(path, [page(b"no such page", status=404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Handler(BaseHTTPRequestHandler):
    """Gives each request the answer that the site has for it."""

    site: Site

    def do_GET(self) -> None:
        self.site.requests.append((self.path, dict(self.headers)))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.site.next_answer(self.path)(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  inherited name
        """Keep the test's output clean."""


def page(
    content: bytes,
    *,
    status: int = 200,
    content_type: str | None = "text/html; charset=utf-8",
    headers: Mapping[str, str] | None = None,
    claimed_length: int | None = None,
) -> Answer:
    """Return an answer with this content; `claimed_length` is what its header says instead."""

    def answer(request: Handler) -> None:
        request.send_response(status)
        if content_type is not None:
            request.send_header("Content-Type", content_type)
        length = len(content) if claimed_length is None else claimed_length
        request.send_header("Content-Length", str(length))
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def redirect(target: str) -> Answer:
    """Return an answer that sends the client elsewhere."""
    return page(b"", status=302, headers={"Location": target})


def drip(head: bytes = b"HTTP/1.1 200 OK\r\n") -> Answer:
    """Return an answer that never ends: a header byte every few hundredths of a second."""

    def answer(request: Handler) -> None:
        request.wfile.write(head + b"X-Slow: ")
        while not request.site.stopping.wait(0.02):
            request.wfile.write(b"a")
            request.wfile.flush()

    return answer


def silence(request: Handler) -> None:
    """Accept the request and say nothing until the server stops."""
    request.site.stopping.wait()


def hang_up(request: Handler) -> None:
    """Close the connection without an answer."""
    request.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running() -> Iterator[Site]:
    """Run the server on a free loopback port inside the block."""

    class SiteHandler(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), SiteHandler)
    server.daemon_threads = True
    site = Site(f"http://127.0.0.1:{server.server_port}")
    SiteHandler.site = site
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
