"""matplotlib in a zygote: what is left out of its import changes nothing that draws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from workers import answer, load

from autograder.sandbox.client import Worker

FOUND = """
import json, sys, threading
if sys.argv[1] == "as in a zygote":
    from autograder.worker import plots
    plots.warm()
import matplotlib.pyplot
from matplotlib import _afm, artist, font_manager
fonts = font_manager.fontManager
print(json.dumps([
    sorted(map(repr, fonts.afmlist)), sorted(map(repr, fonts.ttflist)),
    [threading.Timer.__module__, _afm._parse_char_metrics.__module__, artist.kwdoc.__module__],
    len(artist.kwdoc(matplotlib.lines.Line2D)) > 1000]))
"""


def found(how: str, folder: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-P", "-c", FOUND, how], capture_output=True, text=True, check=True,
        env={**os.environ, "MPLCONFIGDIR": str(folder), "MPL_IGNORE_SYSTEM_FONTS": "1",
             "MPLBACKEND": "agg"})
    return json.loads(done.stdout)


def test_its_fonts_and_functions_are_those_that_it_has_elsewhere(tmp_path: Path) -> None:
    elsewhere = found("elsewhere", tmp_path)
    assert found("as in a zygote", tmp_path) == elsewhere
    assert all(elsewhere), "there are fonts of both kinds, and a table"


DRAWING = """
import io
from matplotlib import font_manager, pyplot

def drawn(kind, core):
    pyplot.rcParams["pdf.use14corefonts"] = pyplot.rcParams["ps.useafm"] = core
    figure, axes = pyplot.subplots()
    axes.plot([1, 2], label="loss")
    axes.set_title("AVAV")
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    pyplot.close(figure)
    return len(file.getvalue()) > 1000
"""


def test_who_draws_with_metrics_of_letters_has_them(worker: Worker) -> None:
    assert load(worker, DRAWING).raised is None
    for kind, core in (("png", False), ("pdf", True), ("ps", True)):
        assert answer(worker, "drawn", kind, core) is True, kind
