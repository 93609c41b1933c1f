"""Makes the pictures of docs/students.md and docs/running-a-door.md anew: a kernel, doors,
Chromium::

    .venv/bin/python tests/framework/pictures.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import browser
import doors
import nbformat
from labs import REPOSITORY
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode, v4

from autograder.store.keys import KeyKind

IMAGES = REPOSITORY / "docs" / "images"
COMMAND = [sys.executable, "-P", "-m", "autograder"]
FLIPPED = """def corr2d(X, K):
    h, w = K.shape
    return (X.unfold(0, h, 1).unfold(1, w, 1) * K.flip(0, 1)).sum((2, 3))"""
PREDICTED = ["from autograder.notebook import observe, predict", 'predict("shape", (3, 3))',
             'image, kernel = torch.ones(3, 4), torch.ones(2, 1)\n'
             'observe("shape", corr2d(image, kernel).shape)']


def executed(folder: Path, *cells: str) -> NotebookNode:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
    (folder / "correlation.ipynb").write_text(nbformat.writes(notebook))
    client = NotebookClient(notebook, timeout=280, kernel_name="python3",
                            resources={"metadata": {"path": str(folder)}})
    return client.execute()


def pictured(notebook: NotebookNode, name: str, first: int, *, opens: bool = True) -> None:
    """The cells from ``first`` on, with two hints open."""
    notebook.cells = notebook.cells[first:]
    page, _ = HTMLExporter(theme="light").from_notebook_node(notebook)
    with tempfile.TemporaryDirectory() as folder, browser.chromium() as chromium:
        file = Path(folder) / "lab.html"
        file.write_text(page)
        shown = chromium.new_page(viewport={"width": 900, "height": 200},
                                  device_scale_factor=1.5)
        shown.goto(file.as_uri(), wait_until="domcontentloaded")
        for _ in range(2 if opens else 0):
            closed = shown.locator(".autograder .hint details:not([open]) > summary:visible")
            if closed.count():
                closed.first.click()
        for frame in shown.frames[1:]:  # the choice of a language, for which a font may be lacking
            frame.evaluate("document.querySelector('.languages').remove()")
        height = shown.evaluate("document.documentElement.scrollHeight")
        shown.set_viewport_size({"width": 900, "height": height})  # frames are drawn as far as seen
        shown.screenshot(path=IMAGES / name, full_page=True)


def of_a_door(root: Path) -> None:
    """What a student sees by a telephone, and who marks a text at a desk."""
    answer = ("A pixel at the border lies under fewer windows than one in the middle, so that it "
              "counts for less. Padding mends that.")
    with doors.a_door(root) as door, browser.chromium() as chromium:
        arrival = door.opened.store.arrivals.find(doors.hand_in(doors.visitor(door, "ann")))
        assert arrival is not None
        doors.graded(door.opened.course, door.opened.store, arrival, 3, answer)
        for who, name, width, path in (
                ("ann", "door.png", 390, "/assignments/correlation"),
                ("carol", "desk.png", 1000, "/staff/texts/correlation/why/ann")):
            key = door.opened.store.keys.make(KeyKind.SESSION, who, timedelta(hours=1))
            context = chromium.new_context(viewport={"width": width, "height": 500},
                                           device_scale_factor=1.5)
            context.add_cookies([{"name": door.cookie, "value": key, "url": door.url}])
            shown = context.new_page()
            shown.goto(door.url + path)
            shown.evaluate("document.querySelector('[hreflang]').remove()")  # may lack a font
            shown.screenshot(path=IMAGES / name, full_page=True)
            context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        (root / "door").mkdir()
        of_a_door(root / "door")
        lab = shutil.copytree(REPOSITORY / "assignments" / "correlation", root / "lab")
        pictured(executed(lab, "%load_ext autograder\nimport torch", FLIPPED, "%check corr2d"),
                 "in-a-notebook.png", 2)
        pictured(executed(lab, "import torch", FLIPPED, *PREDICTED), "predicted.png", 3,
                 opens=False)
        for name in ("solutions/correlation", "tests/hidden/correlation"):
            shutil.copytree(REPOSITORY / name, root / "course" / name)
        whole = (REPOSITORY / "grader.toml").read_text().partition("[assignments.geometry]")[0]
        toml = root / "course" / "grader.toml"
        toml.write_text("\n".join(
            line for line in whole.splitlines() if not line.startswith("due =")) + "\n")
        (root / "course" / "people.csv").write_text("id,name,role\nann,Ann Lee,student\n")
        served = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--graders", "1", "--course", toml],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert served.stdout is not None
            url = served.stdout.readline().split()[-1]
            (lab / "token").write_text(subprocess.run(
                [*COMMAND, "access", "token", "ann", "--course", toml], check=True, text=True,
                capture_output=True).stdout)
            line = f"%submit --notebook correlation.ipynb --token-file token --to {url}"
            done = executed(lab, "%load_ext autograder\nimport torch", FLIPPED, line)
            done.cells[2].source = "%submit --to https://grader.example.org"
            text = json.dumps(done).replace(url, "https://grader.example.org")
            pictured(nbformat.from_dict(json.loads(text)), "submitted.png", 2, opens=False)
        finally:
            served.terminate()
            served.wait(60)


if __name__ == "__main__":
    main()
