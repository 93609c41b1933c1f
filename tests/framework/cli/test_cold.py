"""What a command loads that grades one notebook, by name: no clock, so that no neighbour matters.
Most of what such a command takes are imports."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

from labs import RIGHT, correlation, submitted

COMMAND = """
from autograder import cli
try:
    cli.main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""
ZYGOTE = "from autograder.worker import zygote; zygote.warm(True)"
LOADED = """
import json, sys
print(json.dumps([[name, getattr(module, "__file__", None)]
                  for name, module in [*sys.modules.items()]]))
"""
BOTH = {"dill", "numpy", "torch", "torchgen", "typing_extensions"}
JUDGES = BOTH | {
    "_pytest", "annotated_doc", "annotated_types", "babel", "iniconfig", "jinja2", "markupsafe",
    "packaging", "pluggy", "py", "pydantic", "pydantic_core", "pygments", "pytest", "rich",
    "shellingham", "sqlalchemy", "greenlet", "typer", "typing_inspection", "zstandard",
}
"""What grades one notebook needs of others. Where another one is worth it, write its name here."""
ZYGOTES = BOTH | {
    "PIL", "contourpy", "cycler", "dateutil", "six", "fontTools", "kiwisolver", "matplotlib",
    "mpl_toolkits", "packaging", "pyparsing",
}
COSTLY = {"torch._dynamo", "torch._inductor", "torch.distributed.tensor", "sympy"}

ASKED = """
def test_corr2d(corr2d):
    raise ValueError("accuses whatever there is")
"""


def loaded_by(code: str, *arguments: str | Path) -> dict[str, str | None]:
    """Modules that a fresh interpreter has after running ``code`` -> their files."""
    done = subprocess.run([sys.executable, "-P", "-c", code + LOADED, *arguments],
                          capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def packages(loaded: dict[str, str | None]) -> set[str]:
    """Those that others wrote, by their names."""
    places = tuple(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    return {name.split(".")[0] for name, file in loaded.items() if file and file.startswith(places)
            } - {"_distutils_hack", "autograder"}


def test_to_grade_one_notebook_loads_no_more_than_it_did(tmp_path: Path) -> None:
    course = tmp_path / "course"
    course.mkdir()
    correlation(course, questions=["corr2d", "test_corr2d"])
    [(name, content)] = submitted(RIGHT + ASKED).files.items()
    handed_in = (tmp_path / "ada").with_suffix(Path(name).suffix)
    handed_in.write_bytes(content)
    loaded = loaded_by(COMMAND, "grade", "correlation", handed_in, "--course",
                       course / "grader.toml", "-o", tmp_path / "results")
    graded = json.loads((tmp_path / "results" / "correlation" / "ada.json").read_text())
    own, tests = graded["result"]["questions"]
    assert own["status"] == "passed" and "an implementation that is right" in str(tests)
    assert {"torch", "jinja2"} <= packages(loaded) <= JUDGES
    assert COSTLY.isdisjoint(loaded)


def test_a_zygote_loads_no_more_than_it_did() -> None:
    loaded = loaded_by(ZYGOTE)
    assert {"torch", "matplotlib"} <= packages(loaded) <= ZYGOTES
    assert COSTLY.isdisjoint(loaded)


def test_what_takes_long_would_be_found() -> None:
    """The control."""
    loaded = loaded_by("import torch; torch.testing.assert_close(torch.ones(1), torch.ones(1))")
    assert {"torch.distributed.tensor", "sympy"} <= loaded.keys() & COSTLY
