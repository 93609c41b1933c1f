"""Grade many copies of the example class in one run, and watch what grows.

``python tests/bench/soak.py [COPIES]`` (default 200). Every copy differs by a comment, so that
nothing comes from the store. Time limits are short: hanging notebooks are a fifth of the class.
Prints, over the run, the memory of the grader's own processes (judges, zygotes, the main one),
their open files, and how many processes there are; and what is left behind afterwards.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
CLASS = REPOSITORY / "examples/submissions/correlation"
LIMITS = ("[assignments.correlation.limits]\nload_seconds = 4\ncell_seconds = 1\n"
          "call_seconds = 0.5\nmemory_mb = 512\n")


def prepare(root: Path, copies: int) -> int:
    """A course in ``root`` with ``copies`` of the class; how many submissions."""
    for part in ("solutions", "tests/hidden"):
        shutil.copytree(REPOSITORY / part / "correlation", root / part / "correlation")
    text = (REPOSITORY / "grader.toml").read_text().split("[assignments.geometry]")[0]
    (root / "grader.toml").write_text(text.replace("[[assign", LIMITS + "\n[[assign", 1))
    folder = root / "submissions"
    folder.mkdir()
    count = 0
    for path in sorted(CLASS.rglob("*")):
        if not path.is_file():
            continue
        student = path.relative_to(CLASS).parts[0].removesuffix(path.suffix)
        for number in range(copies):
            (folder / f"{student}-{number}{path.suffix}").write_text(marked(path, number))
            count += 1
    return count


def marked(path: Path, number: int) -> str:
    text = path.read_text()
    if path.suffix == ".py":
        return f"{text}\n# copy {number}\n"
    try:
        notebook = json.loads(text)
    except ValueError:
        return f"{text}{number}"
    notebook["metadata"]["copy"] = number
    return json.dumps(notebook)


def snapshot(process: psutil.Process) -> str:
    """Supervisors and workers, which come and go, are only counted."""
    judges = process.children()
    generations = {"main": [process], "judges": judges,
                   "zygotes": [zygote for judge in judges for zygote in judge.children()]}
    files = 0
    parts = []
    for name, members in generations.items():
        memory = 0
        for member in members:
            try:
                memory += member.memory_info().rss
                files += member.num_fds()
            except psutil.Error:
                continue
        parts.append(f"{name} {memory / 2**20:5.0f} MB")
    everything = len(process.children(recursive=True))
    return f"{'  '.join(parts)}  {files:3} files {everything:3} processes"


def leftovers() -> dict[str, int]:
    return {
        "temporary files": len(list(Path(tempfile.gettempdir()).iterdir())),
        "shared memory files": len(list(Path("/dev/shm").iterdir())),
        "mounts": len(Path("/proc/mounts").read_text().splitlines()),
        "processes of the zygote": sum(
            "autograder.sandbox" in " ".join(p.info["cmdline"] or ())
            for p in psutil.process_iter(["cmdline"])),
        "cgroups": sum(1 for _ in Path("/sys/fs/cgroup").rglob("cgroup.procs")),
    }


def main(copies: int) -> None:
    root = Path(tempfile.mkdtemp(prefix="autograder-soak-"))
    count = prepare(root, copies)
    before = leftovers()
    started = time.monotonic()
    grader = subprocess.Popen(
        [sys.executable, "-m", "autograder", "grade", "correlation", str(root / "submissions"),
         "--course", str(root / "grader.toml"), "--output", str(root / "out")],
        stdout=subprocess.DEVNULL)
    watched = psutil.Process(grader.pid)
    print(f"{count} submissions")
    while grader.poll() is None:
        print(f"{time.monotonic() - started:6.0f} s {snapshot(watched)}", flush=True)
        for _ in range(30):
            if grader.poll() is not None:
                break
            time.sleep(1)
    seconds = time.monotonic() - started
    rows = len(list((root / "out" / "correlation").glob("*.json")))
    print(f"exit status {grader.returncode}, {rows} rows, {count / seconds * 60:.0f} a minute")
    shutil.rmtree(root)
    after = leftovers()
    for name, number in before.items():
        print(f"{name}: {number} before, {after[name]} after")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
