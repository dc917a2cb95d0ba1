"""What the tests of the storage share: a real object store, and lakes on both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.lake.lake import open_lake
from tests import objectstore
from tests.objectstore import Proxy, Store


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Run one real object store for all tests of a worker."""
    with objectstore.running(tmp_path_factory.mktemp("object-store")) as store:
        yield store


@pytest.fixture
def s3(object_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return the object store, named in the environment."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    return object_store


@pytest.fixture
def proxy(object_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Run a proxy before the object store; the environment names it in its place."""
    with Proxy(object_store) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a lake that is not there yet: on disk, then in the object store."""
    if request.param == "disk":
        return str(tmp_path / "lake")
    store: Store = request.getfixturevalue("s3")
    return store.new_lake()


def tables(uri: str) -> dict[str, bytes]:
    """Return the bytes of all that is published in a lake, and of its archive, by name."""
    storage = open_lake(uri).storage
    kept = ("losses/", "figures/", "bulletins/", "revisions/", "quarantine/", "archive/")
    return {
        name: storage.read(name)
        for name in storage.names()
        if name.startswith(kept) and not name.endswith(".lock")
    }
