"""``python -P -m autograder.gpucheck``: see the package."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from autograder.errors import ExitStatus
from autograder.gpucheck.check import MachineCheck, kinds
from autograder.gpucheck.steps import take_steps
from autograder.worker import cuda, device, rehearsal


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -P -m autograder.gpucheck", description=(
        "Look at this machine's GPU: can workers be confined and use it, what is in the way, and "
        "how alike are times? Needs torch and nothing else; sets nothing."))
    parser.add_argument("--output", type=Path, default=Path("gpu-check.json"), metavar="FILE",
                        help="where all that is found is written, as JSON")
    parser.add_argument("--course", type=Path, default=Path(), metavar="FOLDER",
                        help="where grader.toml lies, whose problems are timed")
    parser.add_argument("--seconds", type=float, default=300.0, metavar="N",
                        help="what would begin later is left out")
    parser.add_argument("--only", nargs="+", default=[], metavar="FIGURE",
                        help="measure these, and make no table of layers")
    parser.add_argument("--steps", nargs=3, help=argparse.SUPPRESS)  # its own fresh process
    given = parser.parse_args()
    if given.steps:
        title, name, block = given.steps
        made = kinds(name)[title].make(rehearsal.NODES, None if int(block) < 0 else int(block))
        take_steps(made, lambda said: print(json.dumps(said, default=str), flush=True))
        return ExitStatus.DONE
    os.environ.update(device.environment())  # as in a zygote: children are forked from here
    cuda.stay_untouched()
    check = MachineCheck(given.output, given.course, given.seconds, given.only)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, check.stop)
    well = check.run()
    print(f"written: {given.output}")
    return ExitStatus.DONE if well else ExitStatus.SHORT


if __name__ == "__main__":
    sys.exit(main())
