"""Kills commands at random instants, runs them again, and compares with a lake left in peace.

`python -m tests.kills [--kills N] [--seed SEED] [--place disk|s3]`: the process group
of `tallybook run`, `backfill`, `rebuild`, `export` and `report` ends with SIGKILL, up to three
times in a row, most of them while files are being written; then the command is started again.
Meanwhile DuckDB, pandas and Polars read what is there. Ends with what was found, 1 for a fault.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from subprocess import DEVNULL, PIPE

from pyarrow.fs import S3FileSystem

from flows.files import TEMPORARY_PREFIX
from flows.lake.lake import open_lake
from flows.report.verification.prove import proof_text, prove
from flows.settings import load_settings
from flows.storage.address import storage_at
from flows.storage.local import LocalStorage
from tests import kill_scenarios, objectstore, polling
from tests.kill_scenarios import Scenario
from tests.objectstore import Proxy, Store
from tests.polling import Polled, Readers, States

MARK = "CRASH_HARNESS_MARK"
"""The variable by which the processes of a command are found, all that it started among them."""

JITTER = 0.02
"""Seconds around a change of the lake in which a command is killed."""

PATIENCE = 120.0
"""Seconds after which what a killed command started is gone, however busy the machine is."""

WHOLE = 40
"""One in so many is the whole command, with Prefect's engine and a server of its own."""

OWN = ("runs/", "last_runs.json", "report/rules.html")
"""What differs and has to: a killed run leaves no summary, summaries tell when a run ended, and the
page on the rules has a column for each run: one more where it was killed behind its summary."""

TOLD = ("run_id", "found_at", "checksum")
"""What differs in a file of `alerts/`: the run that told first, and when it ended."""


@dataclass
class Found:
    """What came of the kills: how many by command and place, what readers met, the faults."""

    kills: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Commands:
    """Starts the command: most times out of a process that has imported all (`tests.prefork`)."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._variables = {
            "HOME": str(work),
            "PREFECT_HOME": str(work / "prefect"),
            "PREFECT_MEMO_STORE_PATH": str(work / "memo_store.toml"),
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "TALLYBOOK_"))
        }
        self._environment = inherited | self._variables
        self._prefork = subprocess.Popen(
            [sys.executable, "-m", "tests.prefork"],
            stdin=PIPE,
            stdout=PIPE,
            text=True,
            env=self._environment,
        )
        self._told()  # it has imported all

    def _told(self) -> str:
        assert self._prefork.stdout
        line = self._prefork.stdout.readline().strip()
        if not line:
            raise SystemExit("the process that starts the commands has ended")
        return line

    def close(self) -> None:
        """End the process that they are made of."""
        assert self._prefork.stdin
        self._prefork.stdin.close()
        self._prefork.wait()

    def run(
        self,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        kill: Callable[[int, threading.Event], None] | None = None,
        *,
        whole: bool = False,
    ) -> int:
        """Run a command; its exit status. `kill` is called in a thread with the process group.

        `whole`: from its first import on, with an engine and a server of its own.
        """
        output, ended = self._work / "output.txt", threading.Event()
        process = None
        if whole:
            with output.open("ab") as said:
                process = subprocess.Popen(
                    [sys.executable, "-m", "tests.prefork", *arguments],
                    stdin=DEVNULL,
                    stdout=said,
                    stderr=said,
                    cwd=self._work,
                    env=self._environment | dict(variables),
                    start_new_session=True,
                )
            group = process.pid
        else:
            call = {
                "arguments": list(arguments),
                "folder": str(self._work),
                "variables": dict(variables),
                "output": str(output),
            }
            assert self._prefork.stdin
            print(json.dumps(call), file=self._prefork.stdin, flush=True)
            group = int(self._told())
        killer = threading.Thread(target=kill or _nothing, args=(group, ended))
        killer.start()
        status = process.wait() if process else int(self._told())
        ended.set()
        killer.join()
        return status


def _nothing(group: int, ended: threading.Event) -> None:
    """Kill nothing."""


def processes(mark: str) -> list[int]:
    """Return the processes that carry a mark in their environment, and are no zombies."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


class Disk:
    """Lakes in folders; a change of one is seen by the times of its files."""

    name = "disk"

    def __init__(self, work: Path) -> None:
        self._work = work
        self.variables: dict[str, str] = {}

    def copy(self, lake: Path) -> str:
        """Return the address of a copy of a lake."""
        return str(shutil.copytree(lake, self._work / uuid.uuid4().hex / "lake"))

    def forget(self, address: str) -> None:
        """Remove a lake that is not needed any more."""
        shutil.rmtree(Path(address).parent)

    def readers(self, address: str) -> dict[str, Callable[[], States]]:
        """Return what polls a lake there."""
        lake = Path(address)
        return {
            "DuckDB": polling.duckdb_reader(lake),
            "pandas": polling.pandas_reader(str(lake / "losses")),
            "Polars": polling.polars_reader(str(lake / "losses")),
        }

    def changes(self, address: str) -> Callable[[], list[float]]:
        """Return what tells the moments at which files changed since this call."""
        started = time.time()
        return lambda: sorted(t for t in _change_times(Path(address)) if t >= started)


def _change_times(folder: Path) -> Iterator[float]:
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            try:
                yield os.lstat(f"{place}/{name}").st_ctime
            except OSError:
                continue


class ObjectStore:
    """Lakes in a real object store; a proxy before it sees what a command writes."""

    name = "s3"

    def __init__(self, store: Store, proxy: Proxy) -> None:
        self._store, self._proxy = store, proxy
        self.variables = dict(proxy.environment)
        self._writes: list[float] = []
        proxy.answer = self._noted
        os.environ.update(store.environment)  # this process asks the store itself

    def _noted(self, method: str, path: str) -> None:
        if method in ("PUT", "DELETE", "POST"):
            self._writes.append(time.time())

    def copy(self, lake: Path) -> str:
        source, address = LocalStorage(lake), self._store.new_lake()
        contents = {n: source.read(n) for n in source.names() if not n.endswith(".lock")}
        storage_at(address).write_many(contents)
        return address

    def forget(self, address: str) -> None:
        storage = storage_at(address)
        storage.remove_many(storage.names())

    def readers(self, address: str) -> dict[str, Callable[[], States]]:
        endpoint = self._store.environment["AWS_ENDPOINT_URL"]
        filesystem = S3FileSystem(
            access_key=objectstore.KEY,
            secret_key=objectstore.SECRET,
            endpoint_override=endpoint.removeprefix("http://"),
            scheme="http",
            region="us-east-1",
        )
        losses = f"{address}/losses"
        options = {"aws_allow_http": "true", "aws_endpoint_url": endpoint}
        return {
            "pandas": polling.pandas_reader(losses.removeprefix("s3://"), filesystem),
            "Polars": polling.polars_reader(losses, options),
        }

    def changes(self, address: str) -> Callable[[], list[float]]:
        self._writes.clear()
        return lambda: list(self._writes)


Place = Disk | ObjectStore


def contents(address: str) -> dict[str, bytes]:
    """Return what two lakes, or two folders of exports, have to have in common, by name."""
    storage = storage_at(address)
    found = {
        name: storage.read(name)
        for name in storage.names()
        if not name.startswith(OWN) and not name.rpartition("/")[2].endswith(".lock")
    }
    for name in (name for name in found if name.startswith("alerts/")):
        told = {k: v for k, v in json.loads(found[name]).items() if k not in TOLD}
        found[name] = json.dumps(told).encode()
    if site := found.get("report/site.json"):
        pages = json.loads(site)["files"]
        found["report/site.json"] = json.dumps(
            {path: page for path, page in pages.items() if f"report/{path}" not in OWN}
        ).encode()
    return found


class Harness:
    """Kills the commands of scenarios in a place, and notes what came of it."""

    def __init__(self, commands: Commands, place: Place, work: Path, seed: str) -> None:
        self._commands, self._place, self._work, self._seed = commands, place, work, seed
        self._left_in_peace: dict[str, Peace] = {}
        self.found = Found()

    def kill(self, scenario: Scenario, number: int, *, whole: bool = False) -> int:
        """Kill a command up to three times, start it again and look; how often it was killed."""
        chance = random.Random(f"{self._seed} {self._place.name} {number}")
        peace = self._peace(scenario)
        trial = self._trial(scenario)
        readers = Readers(self._readers(scenario, trial))
        killed = 0
        with readers:
            for _ in range(chance.choice((1, 1, 2, 3))):
                changed = self._place.changes(trial.lake)
                if trial.out:
                    changed = self._out_changes(trial.out)
                kill = _at(chance, peace, changed, whole=whole)
                status = self._run(scenario, trial, kill, whole=whole)
                if status == -signal.SIGKILL:
                    killed += 1
                elif status != peace.status:
                    self._fault(scenario, number, f"ended with {status} before it was killed")
            self._gone(scenario, number, trial)
            status = self._run(scenario, trial)
        if status != peace.status:
            self._fault(scenario, number, f"started again it ended with {status}")
        self._compare(scenario, number, trial, peace)
        self._note(scenario, number, readers.found, peace)
        kind = "whole command" if whole else "command"
        print(number, self._place.name, scenario.name, kind, killed, file=sys.stderr, flush=True)
        self.found.kills[f"{self._place.name} {scenario.name} ({kind})"] += killed
        self._forget(trial)
        return killed

    def _peace(self, scenario: Scenario) -> "Peace":
        """Run the command in peace, once; what it leaves, and when it changes something."""
        if scenario.name in self._left_in_peace:
            return self._left_in_peace[scenario.name]
        trial = self._trial(scenario)
        allowed = self._states(scenario, trial)
        changed = self._place.changes(trial.lake)
        if trial.out:
            changed = self._out_changes(trial.out)
        started = time.time()
        status = self._run(scenario, trial)
        seconds = time.time() - started
        if status not in (0, 1):
            raise SystemExit(f"{scenario.name} ends with {status}: see {self._work}/output.txt")
        allowed |= self._states(scenario, trial)
        moments = [moment - started for moment in changed()]
        kept = contents(str(trial.out) if trial.out else trial.lake)
        peace = Peace(status, seconds, moments, kept, allowed)
        self._left_in_peace[scenario.name] = peace
        self._forget(trial)
        return peace

    def _trial(self, scenario: Scenario) -> "Trial":
        folder = self._work / uuid.uuid4().hex
        (folder / "tmp").mkdir(parents=True)
        out = folder / "out" if scenario.old else None
        if out and scenario.old:
            shutil.copytree(scenario.old, out)
        lake = str(scenario.lake) if out else self._place.copy(scenario.lake)
        return Trial(folder, lake, out)

    def _forget(self, trial: "Trial") -> None:
        if not trial.out:
            self._place.forget(trial.lake)
        shutil.rmtree(trial.folder)

    def _run(
        self,
        scenario: Scenario,
        trial: "Trial",
        kill: Callable[[int, threading.Event], None] | None = None,
        *,
        whole: bool = False,
    ) -> int:
        out = ("--out", str(trial.folder / scenario.out)) if scenario.out else ()
        variables = {MARK: trial.folder.name, "TMPDIR": str(trial.folder / "tmp")}
        return self._commands.run(
            [*scenario.arguments, *out, "--lake", trial.lake],
            self._place.variables | variables,
            kill,
            whole=whole,
        )

    def _readers(self, scenario: Scenario, trial: "Trial") -> dict[str, Callable[[], States]]:
        if trial.out:
            return {"files": polling.file_reader(trial.out)}
        return self._place.readers(trial.lake)

    def _states(self, scenario: Scenario, trial: "Trial") -> set[tuple[str, str]]:
        read = next(iter(self._readers(scenario, trial).values()))
        return set(read().items())

    def _out_changes(self, out: Path) -> Callable[[], list[float]]:
        started = time.time()
        return lambda: sorted(t for t in _change_times(out) if t >= started)

    def _gone(self, scenario: Scenario, number: int, trial: "Trial") -> None:
        """See that no process is left of a command that was killed."""
        until = time.monotonic() + PATIENCE
        while left := processes(trial.folder.name):
            if time.monotonic() > until:
                self._fault(scenario, number, f"processes are left: {left}")
                return
            time.sleep(0.1)

    def _compare(self, scenario: Scenario, number: int, trial: "Trial", peace: "Peace") -> None:
        address = str(trial.out) if trial.out else trial.lake
        found = contents(address)
        differ = {n for n in found.keys() | peace.kept.keys() if found.get(n) != peace.kept.get(n)}
        if differ:
            self._fault(scenario, number, f"differs from the one in peace: {sorted(differ)[:9]}")
        names = storage_at(address).names()
        left = [n for n in names if n.rpartition("/")[2].startswith(TEMPORARY_PREFIX)]
        left += [path.name for path in (trial.folder / "tmp").iterdir()]
        if left:
            self._fault(scenario, number, f"temporary files are left: {left[:9]}")
        if not trial.out:
            proof = prove(open_lake(trial.lake), order=tuple(load_settings().sources))
            if proof.problems:
                self._fault(scenario, number, proof_text(proof).splitlines()[0])

    def _note(
        self, scenario: Scenario, number: int, found: Mapping[str, Polled], peace: "Peace"
    ) -> None:
        for name, polled in found.items():
            reader = f"{self._place.name} {name}"
            self.found.reads[reader] += polled.reads
            for error, times in polled.errors.items():
                self.found.errors[f"{reader}: {error}"] += times
            if polled.lasting:
                self._fault(scenario, number, f"{reader} fails twice running: {polled.lasting[0]}")
            if foreign := polled.states - peace.allowed:
                parts = sorted(part for part, _ in foreign)
                self._fault(scenario, number, f"{reader} saw what nobody published: {parts}")

    def _fault(self, scenario: Scenario, number: int, said: str) -> None:
        line = f"{self._place.name} {scenario.name}, seed {self._seed} number {number}: {said}"
        print(line, flush=True)
        self.found.faults.append(line)


@dataclass(frozen=True)
class Peace:
    """A command that nobody killed: how it ended, how long it took, when something changed.

    `kept` is what it left, `allowed` are the states of each part that a reader may see.
    """

    status: int
    seconds: float
    changes: list[float]
    kept: Mapping[str, bytes]
    allowed: set[tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """A folder for one command, the address of its lake, the folder of what it writes elsewhere."""

    folder: Path
    lake: str
    out: Path | None


def _at(
    chance: random.Random, peace: Peace, changed: Callable[[], list[float]], *, whole: bool
) -> Callable[[int, threading.Event], None]:
    """Return what kills a process group: at any time of the run, or near a change of the lake."""
    blind = chance.random() < 0.3 or not peace.changes or whole
    anywhere = chance.uniform(0, peace.seconds * (4 if whole else 1))
    change = chance.choice(peace.changes or [0.0]) - min(peace.changes or [0.0])
    after_first = max(0.0, change + chance.uniform(-JITTER, JITTER))

    def kill(group: int, ended: threading.Event) -> None:
        if not blind:
            while not ended.is_set() and not changed():
                ended.wait(0.002)
        ended.wait(anywhere if blind else after_first)
        if not ended.is_set():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    return kill


def report(found: Found) -> Iterator[str]:
    """Yield the lines that say what came of the kills."""
    yield f"{found.kills.total()} kills, {len(found.faults)} faults"
    for title, counter in (("kills", found.kills), ("reads", found.reads)):
        for name, number in sorted(counter.items()):
            yield f"  {title} {name}: {number:,}"
    for error, number in found.errors.most_common(12):
        yield f"  {number} times {error}"


@contextmanager
def place_of(name: str, work: Path) -> Iterator[Place]:
    """Give the place of that name."""
    if name == "disk":
        yield Disk(work)
        return
    with objectstore.running(work / "store") as store, Proxy(store) as proxy:
        yield ObjectStore(store, proxy)


def killed(name: str, kills: int, seed: str, work: Path, *, whole: int = 0) -> Found:
    """Kill so many commands in a place; one in `whole` (0: none) from its first import on."""
    commands = Commands(work)
    try:
        with place_of(name, work) as place:
            harness = Harness(commands, place, work, seed)
            scenarios = [
                s for s in kill_scenarios.prepare(work / "made") if name == "disk" or not s.out
            ]
            weighted = [s for s in scenarios for _ in range(1 if s.out else 3)]
            order = random.Random(seed)
            for number in count():
                if harness.found.kills.total() >= kills:
                    return harness.found
                in_turn = order.sample(weighted, len(weighted))[0]
                harness.kill(in_turn, number, whole=bool(whole) and number % whole == whole - 1)
    finally:
        commands.close()
    raise AssertionError("it counts without end")


def main() -> int:
    """Kill, and print what came of it."""
    options = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    options.add_argument("--kills", type=int, default=300, help="how many in all, over both places")
    options.add_argument("--seed", default=uuid.uuid4().hex[:8], help="repeats the same choices")
    options.add_argument("--place", choices=("disk", "s3"), help="default: both")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # the store ends, too
    places = (given.place,) if given.place else ("disk", "s3")
    print(f"seed {given.seed}", flush=True)
    faults = 0
    for name in places:
        with tempfile.TemporaryDirectory(prefix="tallybook-kills-") as folder:
            share = -(-given.kills // len(places))
            found = killed(name, share, given.seed, Path(folder), whole=WHOLE)
        faults += len(found.faults)
        print("\n".join(report(found)), flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
