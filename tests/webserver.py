"""A web server on loopback that misbehaves on request: real sockets, nothing mocked."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["Handler"], None]


@dataclass
class Site:
    """The pages of the server by path, and the requests it got: (path, headers) each.

    `posted` are those that send something: (path, content) each. A path with several answers gives
    them one after the other, the last one for ever; one that has none the answer `otherwise`, by
    default that there is no such page. Requests for /robots.txt, which comes first for every host,
    are counted apart; so are connections.
    """

    address: str
    pages: dict[str, list[Answer]] = field(default_factory=dict)
    otherwise: Answer | None = None
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    posted: list[tuple[str, bytes]] = field(default_factory=list)
    robots_requests: int = 0
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, path: str, *answers: Answer) -> str:
        """Put answers under a path and return its URL."""
        self.pages[path] = list(answers)
        return self.address + path

    def next_answer(self, path: str) -> Answer:
        """Return the answer to give now under a path."""
        otherwise = self.otherwise or page(b"no such page", status=404)
        answers = self.pages.get(path, [otherwise])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Handler(BaseHTTPRequestHandler):
    """Gives each request the answer that the site has for it."""

    site: Site
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.site.connections += 1
        super().setup()

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that has enough of a page
            super().handle()

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self.site.robots_requests += 1
        else:
            self.site.requests.append((self.path, dict(self.headers)))
        self.site.next_answer(self.path)(self)

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.site.posted.append((self.path, content))
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
        request.close_connection = claimed_length is not None

    return answer


def unless_known(
    content: bytes,
    *,
    etag: str | None = None,
    modified: str | None = None,
    content_type: str = "text/html; charset=utf-8",
) -> Answer:
    """Return an answer that is a 304 to who names the validators that it gives."""
    given = {"ETag": etag, "Last-Modified": modified}
    headers = {name: value for name, value in given.items() if value}

    def answer(request: Handler) -> None:
        asked = {"ETag": request.headers.get("If-None-Match")}
        asked["Last-Modified"] = request.headers.get("If-Modified-Since")
        known = all(asked[name] == value for name, value in headers.items())
        status, body = (304, b"") if known else (200, content)
        page(body, status=status, content_type=content_type, headers=headers)(request)

    return answer


def redirect(target: str) -> Answer:
    """Return an answer that sends the client elsewhere."""
    return page(b"", status=302, headers={"Location": target})


def drip(head: bytes = b"HTTP/1.1 200 OK\r\n") -> Answer:
    """Return an answer that never ends: a header byte every few hundredths of a second."""

    def answer(request: Handler) -> None:
        request.close_connection = True
        request.wfile.write(head + b"X-Slow: ")
        while not request.site.stopping.wait(0.02):
            request.wfile.write(b"a")
            request.wfile.flush()

    return answer


def raw(content: bytes, *, again: float = 0.0) -> Answer:
    """Return an answer of these very bytes, which may break any rule of HTTP.

    With `again` they are sent over and over, so many seconds apart, until the client has enough.
    """

    def answer(request: Handler) -> None:
        request.close_connection = True
        request.wfile.write(content)
        while again and not request.site.stopping.wait(again):
            request.wfile.write(content)
            request.wfile.flush()

    return answer


def silence(request: Handler) -> None:
    """Accept the request and say nothing until the server stops."""
    request.close_connection = True
    request.site.stopping.wait()


@dataclass
class Held:
    """An answer that is given when `go_on` is set; `asked` is set when the request is there."""

    answer: Answer
    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: Handler) -> None:
        """Hold the request, until the server stops at the latest."""
        self.asked.set()
        while not self.go_on.wait(0.01) and not request.site.stopping.is_set():
            pass
        self.answer(request)


def hang_up(request: Handler) -> None:
    """Close the connection without an answer."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Run the server on a free loopback port inside the block, with TLS if a context is given."""

    class SiteHandler(Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), SiteHandler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = Site(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}")
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
