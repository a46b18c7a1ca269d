"""How fast it is, as ratios taken in one run: `python tests/benchmark.py [--quick] [--row NAME] [--latency SECONDS]`.

Each row runs the command line in a process of its own against an emulated AWS with AWS's request quotas, in another
process, and holds it against what nobody can beat: the quota's floor, a bare Python, boto3 making the same calls, YAML
loaded and nothing else. Next to them are the plain ways to do the same work. Not run by the tests: it takes minutes,
and wants a machine that does nothing else.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark_world import Calls, Setting, World, world

RATE, BURST = 15.0, 15.0  # AWS's slow quota, in the sandbox
MAPPING = 10.0  # seconds that an event source mapping is Updating there
REFILL = 1.3  # seconds after which the emulated quota is whole again
ROOM = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "NO_COLOR": "1", "CI": "1"}
PRODUCT = (sys.executable, "-c", "from reconciler.cli.main import entry; entry()")
BASELINE = (sys.executable, str(Path(__file__).with_name("benchmark_baselines.py")))
TEN_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1"),
    *("eu-central-1", "eu-west-1", "eu-north-1", "ap-northeast-1", "ap-southeast-2"),
)
LOAD_YAML = (
    "import sys; from ruamel.yaml import YAML; YAML(typ='safe').load(open(sys.argv[1], encoding='utf-8').read())"
)


@dataclass(frozen=True, slots=True)
class Ran:
    """One process: seconds, processor seconds, the most memory it had (MB), and its exit code."""

    wall: float
    cpu: float
    memory: float
    code: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `of` is what the wall time is held against, `bound` how many times that it may take."""

    what: str
    ran: Ran
    of: float
    bound: float | None = None
    calls: Calls | None = None
    most_memory: float | None = None
    unthrottled: bool = False

    @property
    def ratio(self) -> float:
        return self.ran.wall / self.of

    def verdict(self) -> str:
        if self.bound is None:
            return ""
        within = self.ratio <= self.bound
        within &= self.most_memory is None or self.ran.memory < self.most_memory
        within &= not (self.unthrottled and self.calls and self.calls.throttled())
        return "within" if within else "BEYOND"


Lines = Iterator[Line]


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How to measure. `times`: short rows are repeated so often, and the best counts. `changes`: (created, moved)."""

    latency: float
    times: int
    sizes: tuple[int, ...]
    growth: tuple[int, ...]
    changes: tuple[tuple[int, int], ...]
    baseline: int
    scale: tuple[int, ...]


def run(words: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run a process to its end. Its own memory counts: what it was forked from is small."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, env={**ROOM, **environment}, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Ran(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode)


def best(times: int, *all_words: Sequence[str], environment: Mapping[str, str]) -> tuple[Ran, ...]:
    """The best of some runs of each, taken in turns, so that a busy moment meets all of them."""
    rounds = [[run(words, environment) for words in all_words] for _ in range(times)]
    return tuple(min(column, key=lambda ran: ran.wall) for column in zip(*rounds, strict=True))


def floor(tokens: float) -> float:
    """Seconds below which nobody can make so many calls of the slow quota."""
    return (tokens - BURST) / RATE


def reconcile(command: str, path: Path, *words: str) -> tuple[str, ...]:
    return (*PRODUCT, command, "-c", str(path), *words)


def measured(words: Sequence[str], here: World) -> tuple[Ran, Calls]:
    """One process against a world whose quota is whole."""
    time.sleep(REFILL)
    here.calls()
    return run(words, here.environment()), here.calls()


# ---------------------------------------------------------------- the rows


def start_up(manner: ApplyOptions, folder: Path) -> Lines:
    """`--help` and `--version`, against a Python that does nothing."""
    del folder
    bare = (sys.executable, "-c", "pass")
    shown = [(*PRODUCT, "--help"), (*PRODUCT, "--version")]
    nothing, *rest = best(2 * manner.times, bare, *shown, environment={})
    for name, ran in zip(("--help", "--version"), rest, strict=True):
        yield Line(f"{name}, to a bare Python", ran, nothing.wall, 3.0)


def one_ion(manner: ApplyOptions, folder: Path) -> Lines:
    """A plan of one ion in sync, against boto3 making the same calls one by one."""
    setting = Setting(in_sync=1, latency=manner.latency, quota=False)
    with world(setting) as here:
        words = reconcile("plan", written(folder, setting))
        plan, bare = best(manner.times, words, (*BASELINE, "calls", "1"), environment=here.environment())
    yield Line("plan of 1 in sync, to bare boto3", plan, bare.wall, 1.35)


def validate(manner: ApplyOptions, folder: Path) -> Lines:
    """2,000 ions checked, against the same text loaded by ruamel.yaml's libyaml loader."""
    path = written(folder, Setting(in_sync=2000))
    loader = (sys.executable, "-c", LOAD_YAML, str(path))
    ours, bare = best(manner.times, reconcile("validate", path), loader, environment={})
    yield Line("validate of 2,000, to ruamel.yaml alone", ours, bare.wall, 2.0)


def plans(manner: ApplyOptions, folder: Path) -> Lines:
    """Plans of ions in sync, against the quota's floor."""
    for count in manner.sizes:
        setting = Setting(in_sync=count, latency=manner.latency)
        with world(setting) as here:
            words = reconcile("plan", written(folder, setting))
            rounds = [measured(words, here) for _ in range(manner.times if count < 100 else 1)]
        ran, calls = min(rounds, key=lambda each: each[0].wall)
        bound = 1.05 if count >= 150 else 1.4
        yield Line(f"plan of {count} in sync", ran, floor(2 * count), bound, calls, unthrottled=True)


def features(manner: ApplyOptions, folder: Path) -> Lines:
    """A plan of ions that follow the clock and whose callers are looked after, against the floor of plain ones."""
    setting = Setting(in_sync=150, latency=manner.latency, features=True)
    with world(setting) as here:
        ran, calls = measured(reconcile("plan", written(folder, setting)), here)
    yield Line("plan of 150, every feature on", ran, floor(2 * setting.ions), 1.05, calls, unthrottled=True)


def together(manner: ApplyOptions, folder: Path) -> Lines:
    """40 ions in three groups, with every feature on: from nothing, and then a plan that finds nothing to do.

    The apply's floor: its calls of the slow quota (of each ion three reads and a look, the version, the alias,
    a statement and the mapping), then provisioned concurrency and the mapping, one after the other.
    """
    setting = Setting(bare=40, groups=3, latency=manner.latency, features=True)
    with world(setting) as here:
        path = written(folder, setting)
        ran, calls = measured(reconcile("apply", path, "--yes", "--allow", "moves-callers"), here)
        least = floor(8 * setting.ions) + setting.allocation + MAPPING
        yield Line("apply of 40 new, every feature on", ran, least, 1.15, calls, unthrottled=True)
        ran, calls = measured(reconcile("plan", path, "--detailed-exitcode"), here)
    yield Line("plan of those 40, in sync", ran, floor(2 * setting.ions), 1.4, calls, unthrottled=True)


def side_by_side(manner: ApplyOptions, folder: Path) -> Lines:
    """Three regions at once, against one of them alone."""
    regions = ("us-east-1", "us-west-2", "eu-central-1")
    setting = Setting(in_sync=60, regions=regions, latency=manner.latency)
    with world(setting) as here:
        path = written(folder, setting)
        alone, _ = measured(reconcile("plan", path, "--group", "in-us-east-1"), here)
        ran, calls = measured(reconcile("plan", path), here)
    yield Line("plan of 60 in 3 regions, to one region", ran, alone.wall, 1.15, calls, unthrottled=True)


def scale(manner: ApplyOptions, folder: Path) -> Lines:
    """Forty accounts and regions at once, against the floor of one: how many calls a second one process drives.

    Calls for each second of its own processor time, since the emulated AWS competes for the machine.
    """
    accounts = tuple(f"{number:012}" for number in range(1, 4))
    for count in manner.scale:
        setting = Setting(in_sync=count, regions=TEN_REGIONS, others=accounts, latency=manner.latency)
        with world(setting) as here:
            ran, calls = measured(reconcile("plan", written(folder, setting)), here)
        places = len(TEN_REGIONS) * (1 + len(accounts))
        what = f"plan of {count} in {places} places, {calls.by_us() / ran.cpu:.0f} calls/CPU s"
        yield Line(what, ran, floor(2 * count), None, calls)


def shared(manner: ApplyOptions, folder: Path) -> Lines:
    """With somebody else taking half the quota: against the floor of what that leaves."""
    setting = Setting(in_sync=150, latency=manner.latency)
    with world(setting) as here:
        words = reconcile("plan", written(folder, setting))
        with here.neighbour(RATE / 2):
            ran, calls = measured(words, here)
    left = floor(2 * setting.ions + calls.by_the_neighbour())
    yield Line("plan of 150, half the quota taken", ran, left, 1.1, calls)


def applies(manner: ApplyOptions, folder: Path) -> Lines:
    """New aliases with provisioned concurrency, and aliases with it that move to a new version."""
    for created, moved in manner.changes:
        setting = Setting(bare=created, deployed=moved, latency=manner.latency)
        with world(setting) as here:
            words = reconcile("apply", written(folder, setting), "--yes")
            ran, calls = measured(words, here)
        tokens = 2 * setting.ions + 3 * created + 2 * moved
        bound = max(floor(tokens + 3 * moved), floor(tokens) + setting.allocation)
        yield Line(f"apply, {created} created, {moved} moved", ran, bound, 1.15, calls)


def growth(manner: ApplyOptions, folder: Path) -> Lines:
    """What an ion costs by itself: AWS's quotas taken away, on both sides."""
    first: Ran | None = None
    for count in manner.growth:
        setting = Setting(in_sync=count, latency=0.0, quota=False)
        with world(setting) as here:
            path = written(folder, setting)
            ran, calls = measured((*BASELINE, "unpaced", "plan", "-c", str(path)), here)
        first = first or ran
        times = count / manner.growth[0]
        yield Line(f"plan of {count}, no quotas, {ran.cpu:.0f} s CPU", ran, first.wall * times, 1.2, calls, 250.0)


def baselines(manner: ApplyOptions, folder: Path) -> Lines:
    """The plain ways, next to a plan of as many ions."""
    count = manner.baseline
    setting = Setting(in_sync=count, latency=manner.latency)
    with world(setting) as here:
        ran, calls = measured(reconcile("plan", written(folder, setting)), here)
        yield Line(f"plan of {count}, as below", ran, floor(2 * count), None, calls)
        for name in ("pool-standard", "pool-adaptive", "documented"):
            ran, calls = measured((*BASELINE, name, str(count)), here)
            yield Line(f"{name}, {count} functions", ran, floor(2 * count), None, calls)


ROWS: Mapping[str, Callable[[ApplyOptions, Path], Lines]] = {
    "start-up": start_up,
    "one": one_ion,
    "validate": validate,
    "plan": plans,
    "features": features,
    "together": together,
    "regions": side_by_side,
    "scale": scale,
    "shared": shared,
    "apply": applies,
    "growth": growth,
    "baselines": baselines,
}


def written(folder: Path, setting: Setting) -> Path:
    path = folder / "warm.yaml"
    path.write_text(setting.file(), encoding="utf-8")
    return path


# ---------------------------------------------------------------- the table


def heading() -> str:
    return f"{'':44} {'wall':>8} {'against':>8} {'ratio':>6} {'bound':>6} {'calls':>6} {'429':>5} {'MB':>5}"


def row(line: Line) -> str:
    bound = f"{line.bound:.2f}" if line.bound else ""
    made, throttled = (line.calls.by_us(), line.calls.throttled()) if line.calls else ("", "")
    verdict = line.verdict() if line.ran.code == 0 else f"exit code {line.ran.code}"
    return (
        f"{line.what:44} {line.ran.wall:7.2f}s {line.of:7.2f}s {line.ratio:6.2f} {bound:>6} {made:>6} {throttled:>5} "
        f"{line.ran.memory:5.0f}  {verdict}"
    )


def lines(names: Iterable[str], manner: ApplyOptions) -> Lines:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            yield from ROWS[name](manner, Path(folder))


def main() -> int:
    """Print the table as it comes; exit code 1 when a bound was not kept."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--quick", action="store_true", help="fewer and smaller rows: four minutes, not thirteen")
    options.add_argument("--row", action="append", choices=sorted(ROWS), help="only this one (repeatable)")
    options.add_argument("--latency", type=float, default=0.05, help="seconds that AWS takes to answer")
    given = options.parse_args()
    changes = ((60, 0), (0, 60), (100, 50))
    full = ApplyOptions(given.latency, 5, (20, 150, 500, 1000), (1000, 10_000), changes, 100, (60,))
    quick = ApplyOptions(given.latency, 3, (20, 150), (200, 1000), ((30, 30),), 20, (15,))
    sys.stdout.write(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n{heading()}\n")
    kept = True
    for line in lines(given.row or ROWS, quick if given.quick else full):
        sys.stdout.write(f"{row(line)}\n")
        sys.stdout.flush()
        kept &= line.verdict() != "BEYOND" and line.ran.code == 0
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
