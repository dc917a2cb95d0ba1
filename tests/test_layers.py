"""Who may import what: heavy packages stay in their rooms, quick commands stay quick."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("prefect", "great_expectations", "pandas", "pyarrow")
FLOWS = {f"flows/{name}.py" for name in ("daily", "backfill", "rebuild", "orchestration/tasks")}
"""The flows, and what they share of Prefect."""

SERVERS = {"flows/orchestration/server.py", "flows/serve.py"}
"""What starts the servers that flows run on."""

NETWORK = {f"flows/fetch/{name}.py" for name in ("urls", "body", "client", "transport")}
"""What speaks HTTP."""

CLOCKS = {
    "flows/orchestration/tasks.py",
    "flows/fetch/fetcher.py",
    "flows/pipeline.py",
    "flows/serve.py",
}
CLOCKS |= {"flows/fetch/throttle.py", "flows/report/source_probe.py"}
"""Who may ask for the time: who starts and ends a run, who fetches, who waits for a server."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("flows", "schemas"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.AST) -> set[str]:
    """Return the top-level packages that a module imports, also inside functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def importers(package: str) -> set[str]:
    return {name for name, tree in modules() if package in imported(tree)}


def test_only_the_flow_modules_import_prefect() -> None:
    assert importers("prefect") - {"flows/cli/commands.py"} == FLOWS | SERVERS


def test_the_commands_import_prefect_for_its_types_alone() -> None:
    (tree,) = (tree for name, tree in modules() if name == "flows/cli/commands.py")
    typed = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n)]
    inside = {p for node in typed for statement in node.body for p in imported(statement)}
    assert "prefect" in inside
    outside = [node for node in tree.body if node not in typed]
    assert all("prefect" not in imported(node) for node in outside)


def test_only_the_suites_and_what_runs_them_import_great_expectations() -> None:
    suites = {"schemas/expectations.py", "schemas/suites.py"}
    assert importers("great_expectations") == suites | {"flows/validate/checkpoints.py"}


def test_only_the_network_stage_and_what_asks_a_server_use_an_http_client() -> None:
    assert importers("httpx") == NETWORK | SERVERS
    assert importers("httpcore") | importers("tenacity") <= NETWORK | {"flows/fetch/fetcher.py"}


def test_only_who_starts_a_run_or_fetches_asks_for_the_time() -> None:
    asking = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow", "monotonic")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date", "dt", "time")
    }
    assert asking == CLOCKS


def test_the_network_task_is_the_only_one_and_tries_again_by_itself() -> None:
    tasks = [
        (name, node.name)
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if "'task'" in ast.dump(decorator)
    ]
    assert tasks == [("flows/orchestration/tasks.py", "fetch_page")]
    # Prefect's retries know nothing of how long a server asks to be left alone.
    assert not [name for name, tree in modules() if "'retries'" in ast.dump(tree)]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["--version"], ["parse", "-"]], ids=" ".join
)
def test_quick_commands_load_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
from flows.cli.main import call
call({arguments!r})
print(*sorted(set({HEAVY!r}) & set(sys.modules)), "loaded", file=sys.stderr)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=b"text", capture_output=True, check=True, timeout=60)
    assert done.stderr.decode().splitlines()[-1] == "loaded"
