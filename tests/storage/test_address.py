"""From the address of a lake to its storage: what is taken, who asks, and what is told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.errors import UsageError
from flows.storage import credentials
from flows.storage.address import check_address, storage_at
from flows.storage.local import LocalStorage
from flows.storage.objects import ObjectStorage


def test_a_path_and_a_file_address_are_local_disk(tmp_path: Path) -> None:
    for address in (tmp_path / "a b", str(tmp_path / "a b"), (tmp_path / "a b").as_uri()):
        storage = storage_at(address)
        assert isinstance(storage, LocalStorage)
        assert storage.root == tmp_path / "a b"


@pytest.mark.parametrize(
    "address", ["s3://bucket/lake", "gs://bucket/lake", "az://account/container/lake"]
)
def test_object_storage_is_opened_without_asking_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    assert str(storage_at(address)) == address
    assert str(storage_at(f"{address}/")) == address
    assert storage_at(address).where("a/b") == f"{address}/a/b"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://key:sesame@bucket/lake", "Credentials do not belong"),
        ("s3://bucket/lake?token=sesame", "Credentials do not belong"),
        ("s3:///lake", "names no bucket"),
        ("s3:///lake?token=sesame", "Credentials do not belong"),
        ("ftp://host/lake", "cannot be a lake"),
        ("file://data/lake", "cannot be a lake"),
        ("s3://[bucket", "cannot be a lake"),
        ("s3:/bucket/lake", "cannot be a lake"),
        ("s3:bucket", "cannot be a lake"),
        ("http:/host/lake", "cannot be a lake"),
        ("File:data/lake", "cannot be a lake"),
        (" ", "needs a path"),
        ("data\0lake", "needs a path"),
    ],
)
def test_what_is_no_address_of_a_lake_is_told(address: str, said: str) -> None:
    """Also that with a slash too few, which as a path would be a new folder called "s3:"."""
    for taken in (check_address, storage_at):
        with pytest.raises(UsageError, match=said) as raised:
            taken(address)
        assert "sesame" not in str(raised.value)
        if "cannot be" in said:
            assert {"file:///", "s3://", "gs://", "az://"} <= set(
                re.findall(r"\w+:/+", str(raised.value))
            )


def test_a_path_may_hold_a_colon_and_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for text, path in (("~/lake", tmp_path / "lake"), ("/srv/a: b", Path("/srv/a: b"))):
        assert str(storage_at(text)) == str(path)


@pytest.mark.parametrize(("scheme", "named"), [("s3", "AWS_"), ("gs", "GOOGLE_"), ("az", "AZURE_")])
def test_missing_credentials_are_named_as_their_service_does(
    scheme: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    storage = storage_at(f"{scheme}://bucket/lake")
    assert isinstance(storage, ObjectStorage)
    told = str(storage._failed("look for", "lake.json", Exception("no credential in the chain")))
    assert "no credentials were found" in told
    assert re.findall(r"[A-Z]+_", told)[0] == named


def test_without_the_library_the_extra_is_named() -> None:
    """And local disk does not need it."""
    program = """
import sys
sys.modules["obstore"] = sys.modules["obstore.store"] = None
from flows.storage.address import storage_at
storage_at("data/lake")
try:
    storage_at("s3://bucket/lake")
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    said = done.stdout.decode()
    assert said.startswith("UsageError")
    assert "tallybook[s3]" in said


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with profiles, and no word on AWS in the environment."""
    for name in credentials.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = A\naws_secret_access_key = S%1\n"
        "[desk]\naws_access_key_id = B\naws_secret_access_key = T\naws_session_token = U\n"
    )
    (tmp_path / ".aws" / "config").write_text(
        "[default]\nregion = eu-north-1\n"
        "[profile desk]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9\n"
        "[profile elsewhere]\nsso_session = us\n"
    )
    return tmp_path


def test_keys_come_from_a_profile(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default = {"access_key_id": "A", "secret_access_key": "S%1", "region": "eu-north-1"}
    assert credentials.s3_config() == default
    assert not credentials.plain_http(default)
    monkeypatch.setenv("AWS_PROFILE", "desk")
    found = credentials.s3_config()
    assert found == {
        "access_key_id": "B",
        "secret_access_key": "T",
        "session_token": "U",
        "region": "eu-west-1",
        "endpoint": "http://127.0.0.1:9",
    }
    assert credentials.plain_http(found)


def test_the_environment_comes_before_a_profile(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "E")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://s3.example")
    found = credentials.s3_config()
    assert found == {"region": "eu-north-1", "endpoint": "https://s3.example"}


@pytest.mark.parametrize(
    ("profile", "said"), [("nobody", "no AWS profile 'nobody'"), ("elsewhere", "from elsewhere")]
)
def test_a_profile_that_gives_no_keys_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, profile: str, said: str
) -> None:
    monkeypatch.setenv("AWS_PROFILE", profile)
    with pytest.raises(UsageError, match=said):
        credentials.s3_config()


def test_a_damaged_file_of_profiles_is_named_and_not_shown(home: Path) -> None:
    (home / ".aws" / "credentials").write_text("aws_secret_access_key = sesame\n")
    with pytest.raises(UsageError, match="no file of AWS profiles") as raised:
        credentials.s3_config()
    assert "sesame" not in str(raised.value)
    assert raised.value.__suppress_context__
