"""Grade thousands of submissions in one run, a third of them hostile or broken, and see what stays.

``python tests/bench/soak.py [SUBMISSIONS]`` (default 2 000, at least 60). Two thirds are the
class in ``examples/``. The others are the attacks of ``tests/framework/attacks/`` and damaged
files: cut off, of the wrong type, huge, full of NULs, archives that unpack to gigabytes, links,
pipes. No two are equal, so that nothing comes from the store. Time limits are short, because
hanging costs all of them.

Exits with 1 when a submission has no row of its own, was the grader's fault, an attack succeeded,
or anything is left behind: processes, temporary files, mounts, shared memory, open files.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "framework"))

from attack_collection import ALL, Attack, succeeded  # noqa: E402

from autograder.worker import linux  # noqa: E402

CLASS = REPOSITORY / "examples/submissions/correlation"
BROKEN = {"lena", "nora", "omar"}  # of the class: one that hangs, one cut off, one that crashes
LIMITS = ("[assignments.correlation.limits]\nload_seconds = 4\ncell_seconds = 1\n"
          "call_seconds = 0.5\nsubmission_seconds = 8\nmemory_mb = 512\n")
SAMPLE_SECONDS = 2
SLACK = 6  # open files and processes of the workers that are just there
PR_SET_CHILD_SUBREAPER = 36

Make = Callable[[Path, int], None]
"""Hands in one submission, at a path without suffix; the number makes it unlike all others."""


# The ordinary two thirds ----------------------------------------------------------------------

def ordinary() -> Iterator[tuple[str, Make]]:
    for path in sorted(CLASS.rglob("*.*")):
        student = path.relative_to(CLASS).parts[0].removesuffix(path.suffix)
        if student not in BROKEN:
            yield student, copy_of(path)


def copy_of(path: Path) -> Make:
    text = path.read_text()

    def make(place: Path, number: int) -> None:
        if path.suffix == ".py":
            written(place, ".py", f"{text}\n# copy {number}\n")
            return
        try:
            notebook = json.loads(text)
        except ValueError:
            written(place, ".ipynb", f"{text}{number}")
            return
        notebook["metadata"]["copy"] = number
        written(place, ".ipynb", json.dumps(notebook))

    return make


# The hostile third ----------------------------------------------------------------------------

def attack(hostile: Attack, course: Path) -> Make:
    text = hostile.path.read_text().replace("@COURSE@", str(course)).replace("@PORT@", "9")
    return lambda place, number: written(place, ".py", f"{text}\n# copy {number}\n")


def damaged() -> Iterator[tuple[str, Make]]:
    sound = (CLASS / "ada.ipynb").read_text()

    def text(name: str, make: Callable[[int], str]) -> tuple[str, Make]:
        return name, lambda place, number: written(place, ".ipynb", make(number))

    def raw(name: str, make: Callable[[int], bytes], suffix: str = ".ipynb") -> tuple[str, Make]:
        return name, lambda place, number: written(place, suffix, make(number))

    def packed(name: str, fill: Callable[[zipfile.ZipFile, int], object]) -> tuple[str, Make]:
        def make(place: Path, number: int) -> None:
            content = io.BytesIO()
            with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = str(number).encode()
                fill(archive, number)
            written(place, ".zip", content.getvalue())

        return name, make

    def many_files(archive: zipfile.ZipFile, number: int) -> None:
        for entry in range(3_000):
            archive.writestr(f"{number}/{entry}.ipynb", "")

    yield text("cut-off", lambda number: sound[: len(sound) // 2 + number % 100] + str(number))
    yield text("nothing", lambda number: " " * number)
    yield text("no-cells", lambda number: json.dumps({"number": number}))
    yield text("cells-are-text", lambda number: json.dumps({"cells": "x", "nbformat": number}))
    yield text("cells-are-numbers", lambda number: with_cells([1, None, number]))
    yield text("source-is-object", lambda number: with_cells([cell({"a": number})]))
    yield text("deep", lambda number: "[" * (100_000 + number))
    yield text("deep-code", lambda number: with_cells([cell("(" * (50_000 + number))]))
    yield text("huge-output", lambda number: huge_output(sound, number))
    yield text("many-cells", lambda number: with_cells([cell(f"x = {number}")] * 20_000))
    yield text("huge-number", lambda number: with_cells([cell("x = " + "9" * (10**5 + number))]))
    yield text("surrogates", lambda number: with_cells([cell(f"x = '\\ud800' # {number}")]))
    yield raw("nulls", lambda number: sound.encode().replace(b"def", b"d\0f") + b"%d" % number)
    yield raw("latin-1", lambda number: f"x = 'é{number}'".encode("latin-1"), ".py")
    yield raw("utf-16", lambda number: f"{sound} {number}".encode("utf-16"))
    yield raw("noise", lambda number: number.to_bytes(8, "big") + secrets.token_bytes(1 << 16))
    yield raw("no-zip", lambda number: b"PK\x03\x04" + bytes(number), ".zip")
    yield packed("bomb", lambda archive, number: archive.writestr(
        f"correlation{number}.ipynb", bytes(300 << 20)))
    yield packed("many-files", many_files)
    yield packed("climbing", lambda archive, number: archive.writestr(
        f"../../../climbed-{number}.ipynb", sound))
    yield packed("link", lambda archive, number: archive.writestr(
        link_entry(number), "/etc/passwd"))
    yield "link-out", lambda place, number: named(place, ".ipynb").symlink_to("/etc/passwd")
    yield "loop", lambda place, number: named(place, ".ipynb").symlink_to(f"{place.name}.ipynb")
    yield "pipe", lambda place, number: os.mkfifo(named(place, ".ipynb"))
    yield "odd-name", lambda place, number: written(
        place.with_name(f"\x1b[31m=cmd|'{number}'!A0\u202e<b>\n"), ".ipynb", sound + " " * number)
    for student in sorted(BROKEN):
        yield student, copy_of(CLASS / f"{student}.ipynb")


def written(place: Path, suffix: str, content: str | bytes) -> None:
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    named(place, suffix).write_bytes(raw)


def named(place: Path, suffix: str) -> Path:
    return place.with_name(place.name + suffix)


def with_cells(cells: list[Any]) -> str:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def cell(source: object) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}


def huge_output(notebook: str, number: int) -> str:
    parsed = json.loads(notebook)
    parsed["cells"].append(cell(f"x = {number}") | {
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "x" * (8 << 20)}]})
    return json.dumps(parsed)


def link_entry(number: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"correlation{number}.ipynb")
    entry.external_attr = 0o120777 << 16
    return entry


# A class in a course --------------------------------------------------------------------------

def prepare(root: Path, submissions: int) -> None:
    """A course in ``root`` with so many submissions, called ``kind.name.number``."""
    for part in ("solutions", "tests/hidden"):
        shutil.copytree(REPOSITORY / part / "correlation", root / part / "correlation",
                        ignore=shutil.ignore_patterns("__pycache__"))
    text = (REPOSITORY / "grader.toml").read_text().split("[assignments.geometry]")[0]
    text = text.replace("follow_through", 'cells = "all"\nfollow_through')
    (root / "grader.toml").write_text(text.replace("[[assign", LIMITS + "\n[[assign", 1))
    for name in ("submissions", "temporary", "results"):
        (root / name).mkdir()
    hostile = [("attack", each.name, attack(each, root)) for each in ALL]
    broken = [("damaged", name, make) for name, make in damaged()]
    both = (each for pair in zip(cycle(hostile), cycle(broken), strict=False) for each in pair)
    sound = cycle(("ordinary", name, make) for name, make in ordinary())
    for number in range(submissions):
        kind, name, make = next(both if number % 3 == 2 else sound)
        make(root / "submissions" / f"{kind}.{name}.{number:04}", number)


# Watching -------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Sample:
    """The grader's own processes at one moment; supervisors and workers, which come and go, are
    counted only. Memory in MB: PSS shares out what several processes have in common."""

    pss: dict[str, float]
    rss: dict[str, float]
    files: int
    zygotes: int
    processes: int


def sample(grader: psutil.Process) -> Sample:
    judges = grader.children()
    zygotes = [zygote for judge in judges for zygote in judge.children()]
    pss, rss, files = {}, {}, 0
    for role, members in (("main", [grader]), ("judges", judges), ("zygotes", zygotes)):
        memory = [member.memory_full_info() for member in members]
        pss[role] = sum(each.pss for each in memory) / 2**20
        rss[role] = sum(each.rss for each in memory) / 2**20
        files += sum(member.num_fds() for member in members)
    return Sample(pss, rss, files, len(zygotes), len(grader.children(recursive=True)))


def figures(samples: list[Sample]) -> dict[str, float]:
    """What is usual."""
    told = {f"{role}, MB {name.upper()}": statistics.median(
                getattr(each, name)[role] for each in samples)
            for name in ("pss", "rss") for role in samples[0].pss}
    told["open files"] = statistics.median(each.files for each in samples)
    told["processes"] = statistics.median(each.processes for each in samples)
    return told


def left_behind(root: Path) -> dict[str, int]:
    """What outlives the grader. Orphans are this process's children: it is their reaper."""
    def lines(path: str) -> int:
        return len(Path(path).read_text().splitlines()) if Path(path).exists() else 0

    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=10)
    temporary = [path for path in (root / "temporary").iterdir()
                 if not path.name.startswith("torchinductor_")]  # torch's: one for each user
    return {
        "processes": len(alive),
        "temporary files": len(temporary),
        "mounts": lines("/proc/self/mountinfo"),
        "files in shared memory": len(list(Path("/dev/shm").iterdir())),
        "System V objects": sum(map(lines, ("/proc/sysvipc/shm", "/proc/sysvipc/sem",
                                            "/proc/sysvipc/msg"))),
        "keys": lines("/proc/keys"),
        "entries beside grader.toml": len(list(root.iterdir())),
    }


def run(root: Path) -> tuple[float, int, list[Sample]]:
    """Grade everything. How long it took, samples while all judges are there, exit status."""
    started = time.monotonic()
    grader = subprocess.Popen(
        [sys.executable, "-P", "-m", "autograder", "grade", "correlation",
         str(root / "submissions"), "--course", str(root / "grader.toml"),
         "--output", str(root / "results")],
        stdout=subprocess.DEVNULL, env={**os.environ, "TMPDIR": str(root / "temporary")})
    samples: list[Sample] = []
    while True:
        with suppress(subprocess.TimeoutExpired):
            grader.wait(SAMPLE_SECONDS)
            judges = max((each.zygotes for each in samples), default=0)
            return (time.monotonic() - started, grader.returncode,
                    [each for each in samples if each.zygotes == judges])
        with suppress(psutil.Error):  # a process ended while it was looked at
            samples.append(sample(psutil.Process(grader.pid)))
            if len(samples) % 15 == 0:
                print(f"{time.monotonic() - started:5.0f} s  {len(rows(root)):5} rows  "
                      f"{sum(samples[-1].pss.values()):4.0f} MB  {samples[-1].files:3} files  "
                      f"{samples[-1].processes:2} processes", flush=True)


def rows(root: Path) -> list[Path]:
    return list((root / "results" / "correlation").glob("*.json"))


# The report -----------------------------------------------------------------------------------

def verdicts(root: Path, submissions: int) -> list[str]:
    """What is wrong with the results; prints how many there are of each kind."""
    grades = [json.loads(path.read_text()) for path in rows(root)]
    with closing(sqlite3.connect(root / "results" / "grades.db")) as database:
        (kept,) = database.execute("SELECT count(*) FROM results").fetchone()
        (students,) = database.execute("SELECT count(DISTINCT student) FROM results").fetchone()
    wrong = []
    if (len(grades), kept, students) != (submissions,) * 3:
        wrong.append(f"{submissions} submissions have {len(grades)} reports, and {kept} rows of "
                     f"{students} students in the store")
    attacks = {each.name: each for each in ALL}
    statuses: Counter[tuple[str, str]] = Counter()
    scores = defaultdict[str, set[float]](set)
    for grade in grades:
        result = grade["result"]
        kind, name = [*result["student"].split("."), ""][:2]
        statuses[kind if kind in ("ordinary", "attack") else "damaged", result["status"]] += 1
        if result["status"] == "internal":
            wrong.append(f"{result['student']} is internal: {result['message']}")
        if kind == "ordinary":
            scores[name].add(grade["score"])
        if kind == "attack" and result["environment"]["sandbox"] in attacks[name].tiers \
                and succeeded(attacks[name], grade):
            wrong.append(f"{result['student']} succeeded")
    for (kind, status), number in sorted(statuses.items()):
        print(f"{kind:9} {status:10} {number:5}")
    wrong += [f"copies of {name} have different scores: {sorted(found)}"
              for name, found in scores.items() if len(found) > 1]
    return wrong


def table(columns: Mapping[str, Mapping[str, float]]) -> None:
    print(f"\n{'':28}" + "".join(f"{head:>14}" for head in columns))
    for name in next(iter(columns.values())):
        print(f"{name:28}" + "".join(f"{column[name]:14.0f}" for column in columns.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("submissions", type=int, nargs="?", default=2000)
    submissions: int = parser.parse_args().submissions
    linux.prctl(PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory(prefix="autograder-soak-") as folder:
        wrong = soak(Path(folder), submissions)
    print("\n" + "\n".join(wrong or ["Every submission has its row, and nothing is left behind."]))
    return 1 if wrong else 0


def soak(root: Path, submissions: int) -> list[str]:
    """Everything that is wrong."""
    prepare(root, submissions)
    before = left_behind(root)
    seconds, status, samples = run(root)
    print(f"\n{submissions} submissions in {seconds:.0f} s, {submissions / seconds * 60:.0f} a "
          f"minute; exit status {status}")
    if status not in (0, 3):
        return ["The grader failed."]
    wrong = verdicts(root, submissions)
    third = len(samples) // 3
    early, middle, late = (figures(samples[part * third :][:third]) for part in range(3))
    table({"first third": early, "second third": middle, "last third": late})
    wrong += [f"{name} grew from {early[name]:.0f} to {late[name]:.0f}"
              for name in ("open files", "processes") if late[name] > early[name] + SLACK]
    after = left_behind(root)
    table({"before": before, "after": after})
    return wrong + [f"left behind, {name}: {after[name] - before[name]}"
                    for name in before if after[name] > before[name]]


if __name__ == "__main__":
    sys.exit(main())
