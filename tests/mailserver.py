"""A mail server on loopback that keeps what it is sent: SMTP as far as a client needs it."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """The port of the server, and the messages it got: the addressees and the message each.

    `refuse` is what it says in the place of taking a message, None to take it.
    """

    port: int
    messages: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    refuse: bytes | None = None


class _Session(socketserver.StreamRequestHandler):
    """One connection (RFC 5321, without extensions)."""

    box: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 loopback\r\n")
        addressees: list[str] = []
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"RCPT":
                addressees.append(line.decode().partition("<")[2].partition(">")[0])
            if command == b"DATA" and not self.box.refuse:
                self.wfile.write(b"354 go on\r\n")
                self._take(addressees)
            answer = self.box.refuse if command == b"DATA" else None
            self.wfile.write(answer or (b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"))
            if command == b"QUIT":
                return

    def _take(self, addressees: list[str]) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        content = b"".join(line.removeprefix(b".") for line in lines)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.box.messages.append((list(addressees), parsed))


@contextlib.contextmanager
def running() -> Iterator[Mailbox]:
    """Run the server on a free loopback port inside the block."""

    class Session(_Session):
        pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        Session.box = Mailbox(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield Session.box
        finally:
            server.shutdown()
            thread.join()
