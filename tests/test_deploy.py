"""The image and the manifests, as far as they can be looked at without Docker and Kubernetes."""

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ceilings import locked

ROOT = Path(__file__).parent.parent
MANIFESTS = sorted((ROOT / "deploy").glob("*.yaml"))


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, each with its arguments as one line."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split()[0], line.partition(" ")[2]) for line in joined.splitlines() if line]


def copied() -> list[str]:
    """Return what the Dockerfile copies of this tree."""
    copies = [arguments.split() for name, arguments in instructions() if name == "COPY"]
    return [source for words in copies if "--from" not in words[0] for source in words[:-1]]


def test_what_the_image_is_made_of_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = [line[1:] for line in ignored if line.startswith("!")]
    assert len(copied()) > 5
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in kept), source


def test_the_image_is_built_in_stages_of_locked_packages_for_a_user_who_is_not_root() -> None:
    names = [name for name, _ in instructions()]
    assert names.count("FROM") == 2
    last = dict(instructions()[len(names) - names[::-1].index("FROM") :])
    assert last["USER"] not in ("root", "0")
    installs = [a for name, a in instructions() if name == "RUN" and "install" in a]
    for command in " && ".join(installs).split("&&"):
        words = shlex.split(command)
        if "install" in words and "pip" in command:
            assert "--require-hashes" in words or words[-1] == ".", command
    assert not re.search(r"https?://|index-url", (ROOT / "Dockerfile").read_text("utf-8"))


def test_the_python_of_the_image_is_one_that_tallybook_runs_on() -> None:
    bases = [arguments.split()[0] for name, arguments in instructions() if name == "FROM"]
    assert set(bases) == {"python:3.11-slim"}


def documents(path: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(path.read_text("utf-8"))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_marked_as_untested_and_hangs_together(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# UNTESTED")
    labels = []
    for document in documents(path):
        if document.get("kind") == "Deployment":
            pod = document["spec"]["template"]
            assert document["spec"]["selector"]["matchLabels"] == pod["metadata"]["labels"]
            labels.append(pod["metadata"]["labels"])
            volumes = {volume["name"] for volume in pod["spec"].get("volumes", ())}
            for container in pod["spec"]["containers"]:
                assert {m["name"] for m in container.get("volumeMounts", ())} <= volumes
                assert container["resources"]["limits"]["memory"]
    for document in documents(path):
        if document.get("kind") == "Service":
            assert document["spec"]["selector"] in labels


def test_the_worker_of_prefect_is_of_the_version_that_is_locked() -> None:
    prefect = locked((ROOT / "requirements-run.lock").read_text("utf-8"))["prefect"]
    images = re.findall(r"image: (\S+)", "".join(p.read_text("utf-8") for p in MANIFESTS))
    assert {image for image in images if "prefect" in image} == {
        f"prefecthq/prefect:{prefect}-python3.11-kubernetes"
    }
    assert {image for image in images if "prefect" not in image} == {"tallybook:latest"}
