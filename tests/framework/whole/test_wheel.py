"""The wheel, installed as others do: no checkout beside it, an ordinary user, another folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from labs import REPOSITORY

UID = 4321
LEFT_OUT = ("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([Path(sys.executable).with_name("hatchling"), "build", "--target", "wheel",
                    "--directory", folder], cwd=REPOSITORY, check=True, capture_output=True)
    return next(folder.glob("nbjudge-*.whl"))


def test_it_holds_all_that_the_package_has(wheel: Path) -> None:
    """Templates, catalogues, migrations: what is no Python is forgotten easily."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("autograder/")}
    listed = subprocess.run(["git", "ls-files", "autograder"], cwd=REPOSITORY, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    assert held == set(listed)


def test_an_ordinary_user_grades_with_it_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home, course = tmp_path / "env", tmp_path / "course"
    venv.create(home, with_pip=False)
    subprocess.run([sys.executable, "-m", "pip", "--python", home / "bin/python", "install",
                    "--quiet", "--no-deps", "--no-index", wheel], check=True)
    # What it runs on is this environment's; this checkout is not in it.
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "installed_beside_it.py").touch()
    for name in ("grader.toml", "solutions/correlation", "tests/hidden/correlation",
                 "examples/submissions/correlation/ada.ipynb",
                 "examples/submissions/correlation/emil.ipynb"):
        source, place = REPOSITORY / name, course / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, ignore=shutil.ignore_patterns(*LEFT_OUT))
        else:
            shutil.copy(source, place)
    notebook = nbformat.read(REPOSITORY / "examples/submissions/correlation/ada.ipynb", 4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import installed_beside_it"))
    nbformat.write(notebook, course / "examples/submissions/correlation/nora.ipynb")
    commands = [[home / "bin/python", "-c", "import autograder; print(autograder.__file__)"],
                [home / "bin/autograder", "grade", "correlation",
                 "examples/submissions/correlation", "--output", "results", "-j", "1"]]
    if os.geteuid() == 0:
        for each in (tmp_path, *tmp_path.rglob("*")):
            os.chown(each, UID, UID, follow_symlinks=False)
        become = [sys.executable, REPOSITORY / "tests/framework/ordinary_user.py", str(UID),
                  str(tmp_path), "--"]
        commands = [[*become, *command] for command in commands]
    where, graded = (
        subprocess.run(command, cwd=course, check=True, capture_output=True, text=True).stdout
        for command in commands)
    assert Path(where.strip()).is_relative_to(home)
    assert "3 graded" in graded
    nora = json.loads((course / "results/correlation/nora.json").read_text())
    assert nora["result"]["load"]["errors"] == []
    assert (course / "results/correlation/emil.html").exists()
