"""Who may import what: stages only those before them, heavy packages only in their rooms."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import HANGS

ROOT = Path(__file__).parent.parent

STAGES = (
    "sources",
    "fetch",
    "archive",
    "extract",
    "parse",
    "validate",
    "reconcile",
    "lake",
    "publish",
    "report",
)
"""The folders on the way of a bulletin, in its order."""

FLOWS = ("daily", "backfill", "rebuild", "audit", "serve")
RUN = ("job", "collect", "pipeline")
WAY = (*STAGES, "read", *RUN, "orchestration", "flows", "cli")
"""Each may import what stands before it; the modules of the flows are one place on it, `read` is
what notebooks import."""

SHARED = frozenset(
    {"aside", "errors", "files", "moments", "progress", "redact", "settings", "storage"}
)
"""What all may import, and what imports nothing but itself and `schemas`: files, and a folder."""

HEAVY = ("prefect", "great_expectations", "pandas", "pyarrow", "obstore")
PREFECT = {f"flows/{name}.py" for name in ("daily", "backfill", "rebuild", "audit")}
PREFECT |= {
    f"flows/orchestration/{name}.py"
    for name in ("alerts", "artifacts", "automations", "logs", "notify", "runs", "states", "tasks")
}
PREFECT |= {f"flows/orchestration/{name}.py" for name in ("workers", "dask_cluster")}
"""The flows, and what they share of Prefect."""

SERVERS = {f"flows/orchestration/{name}.py" for name in ("server", "server_process", "database")}
SERVERS |= {"flows/serve.py"}
"""What starts the servers that flows run on."""

NETWORK = {f"flows/fetch/{name}.py" for name in ("urls", "body", "client", "transport")}
"""What speaks HTTP."""

CLOCKS = {
    "flows/audit.py",
    "flows/orchestration/runs.py",
    "flows/fetch/fetcher.py",
    "flows/pipeline.py",
    "flows/orchestration/server.py",
}
CLOCKS |= {"flows/fetch/throttle.py", "flows/report/source_probe.py", "flows/cli/options.py"}
CLOCKS |= {"flows/cli/rebuild.py"}
CLOCKS |= {"flows/storage/lease.py"}
"""Who may ask for the time: who starts and ends a run, who fetches or waits, who holds a lease, and
a command that says how old something is."""

LONGEST_DOCSTRING = 6
"""Lines in which a folder says what goes in, what comes out and what may not be done there."""


def paths() -> list[str]:
    """Return the path of every module, below the root."""
    found = [path for folder in ("flows", "schemas") for path in (ROOT / folder).rglob("*.py")]
    return [path.relative_to(ROOT).as_posix() for path in sorted(found)]


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return the syntax of every module by its path."""
    return {path: ast.parse((ROOT / path).read_text("utf-8")) for path in paths()}


def dotted(path: str) -> str:
    """Return the name under which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return by module which of our modules it imports: in functions and for types alone, too."""
    known = {dotted(path) for path in modules()}
    return {dotted(path): frozenset(_ours(tree, known)) for path, tree in modules().items()}


def _ours(tree: ast.Module, known: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        if isinstance(node, ast.ImportFrom) and node.module in known:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inside
            if len(inside) < len(node.names):
                yield node.module


def place(module: str) -> str:
    """Return the name of a module's place: a stage, a shared file, `schemas`, ..."""
    first, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    return "flows" if name in FLOWS else first if first == "schemas" else name or first


def allowed(name: str) -> frozenset[str]:
    """Return the places that a place may import."""
    if name in ("schemas", "flows.__init__"):
        return frozenset({"schemas"})
    if name in SHARED:
        return SHARED | {"schemas"}
    return SHARED | {"schemas"} | set(WAY[: WAY.index(name) + 1])


@cache
def packages() -> Mapping[str, frozenset[str]]:
    """Return by path which packages a module imports, also inside functions."""
    return {path: frozenset(imported(tree)) for path, tree in modules().items()}


def importers(package: str) -> set[str]:
    return {path for path, found in packages().items() if package in found}


def imported(tree: ast.AST) -> set[str]:
    """Return the top-level packages that a module imports, also inside functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("name", [*WAY, *sorted(SHARED), "schemas"])
def test_each_place_imports_only_what_stands_before_it(name: str) -> None:
    wrong = {
        f"{module} imports {target}"
        for module, targets in imports().items()
        if module != "flows" and place(module) == name
        for target in targets
        if place(target) not in allowed(name)
    }
    assert not wrong, "\n".join(sorted(wrong))


def test_nothing_imports_in_a_circle() -> None:
    """Not within a folder either, nor for types alone."""
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_top_shows_the_flows_the_pipeline_the_shared_files_and_the_stages() -> None:
    top = {path.name for path in (ROOT / "flows").iterdir() if path.name != "__pycache__"}
    files = {f"{name}.py" for name in (*FLOWS, *SHARED - {"storage"}, *RUN, "read", "__init__")}
    assert top == files | {"py.typed", *STAGES, "storage", "orchestration", "cli"}


@pytest.mark.parametrize("path", [path for path in paths() if path.endswith("/__init__.py")])
def test_each_folder_says_what_it_is_for(path: str) -> None:
    docstring = ast.get_docstring(modules()[path]) or ""
    name = Path(path).parent.name
    assert len(docstring) > len(f"{name}."), f"{path} says nothing"
    assert len(docstring.splitlines()) <= LONGEST_DOCSTRING


def test_the_order_is_held_by_more_than_chance() -> None:
    """Of what it looks at: a stage that imports a later one, in a function too, would be seen."""
    tree = ast.parse("def read():\n    from flows.parse import bulletin\n")
    assert set(_ours(tree, {"flows.parse", "flows.parse.bulletin"})) == {"flows.parse.bulletin"}
    assert place("flows.parse.bulletin") not in allowed("sources")
    assert place("flows.parse.bulletin") in allowed("validate")
    assert place("flows.daily") not in allowed("orchestration")
    assert place("flows.daily") in allowed("cli")


def test_only_the_flows_and_what_they_share_import_prefect() -> None:
    assert importers("prefect") - {"flows/cli/flow_runs.py"} == PREFECT | SERVERS


def test_the_commands_import_prefect_for_its_types_alone() -> None:
    tree = modules()["flows/cli/flow_runs.py"]
    typed = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n)]
    inside = {p for node in typed for statement in node.body for p in imported(statement)}
    assert "prefect" in inside
    outside = [node for node in tree.body if node not in typed]
    assert all("prefect" not in imported(node) for node in outside)


def test_only_the_suites_and_what_runs_them_import_great_expectations() -> None:
    suites = {"schemas/expectations.py", "schemas/suites.py"}
    assert importers("great_expectations") == suites | {"flows/validate/checkpoints.py"}


def test_only_the_network_stage_and_what_asks_a_server_use_an_http_client() -> None:
    assert importers("httpx") == NETWORK | {"flows/orchestration/server.py"}
    assert importers("httpcore") | importers("tenacity") <= NETWORK | {"flows/fetch/fetcher.py"}


def test_only_object_storage_imports_the_library_of_an_extra() -> None:
    assert importers("obstore") == {"flows/storage/objects.py", "flows/storage/address.py"}


def test_only_the_cluster_imports_the_libraries_of_an_extra() -> None:
    found = importers("prefect_dask") | importers("distributed") | importers("dask")
    assert found == {"flows/orchestration/dask_cluster.py"}


def test_only_who_starts_a_run_or_fetches_asks_for_the_time() -> None:
    asking = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow", "monotonic")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date", "dt", "time")
    }
    assert asking == CLOCKS


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
    done = subprocess.run(command, input=b"text", capture_output=True, check=True, timeout=HANGS)
    assert done.stderr.decode().splitlines()[-1] == "loaded"
