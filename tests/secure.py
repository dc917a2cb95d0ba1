"""Web servers with TLS on loopback: a certificate made for the test, and one that speaks HTTP/2."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived


def certificate(folder: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1, signed by itself, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    host = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(host, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


def server_context(path: Path, *protocols: str) -> ssl.SSLContext:
    """Return the TLS context of a server with this certificate and these protocols."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


@dataclass
class Http2Site:
    """A server that speaks nothing but HTTP/2: the paths it was asked for, on how many connections.

    Every path has the same content, /robots.txt has none.
    """

    address: str
    content: bytes
    paths: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def http2_site(path: Path, content: bytes) -> Iterator[Http2Site]:
    """Run it with a certificate file inside the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Http2Site(f"https://127.0.0.1:{listening.getsockname()[1]}", content)
        context = server_context(path, "h2")
        arguments = (listening, context, site)
        threading.Thread(target=_listen, args=arguments, daemon=True).start()
        yield site
        with suppress(OSError):  # wakes the thread, which no close would
            listening.shutdown(socket.SHUT_RDWR)


def _listen(listening: socket.socket, context: ssl.SSLContext, site: Http2Site) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listening.accept()
            site.connections += 1
            with context.wrap_socket(plain, server_side=True) as connection:
                _speak(connection, site)


def _speak(connection: ssl.SSLSocket, site: Http2Site) -> None:
    protocol = H2Connection(H2Configuration(client_side=False))
    protocol.initiate_connection()
    connection.sendall(protocol.data_to_send())
    while data := connection.recv(65_536):
        for event in protocol.receive_data(data):
            if isinstance(event, RequestReceived) and event.stream_id is not None:
                _answer(protocol, event, event.stream_id, site)
        connection.sendall(protocol.data_to_send())


def _answer(protocol: H2Connection, event: RequestReceived, stream: int, site: Http2Site) -> None:
    asked = {bytes(name): bytes(value) for name, value in event.headers or []}
    path = asked[b":path"].decode()
    site.paths.append(path)
    found = path != "/robots.txt"
    headers = [(":status", "200" if found else "404"), ("content-type", "text/html")]
    protocol.send_headers(stream, headers)
    protocol.send_data(stream, site.content if found else b"", end_stream=True)
