"""The figures of the solved notebooks: pictures side by side share one scale of greys, or say
which is theirs, all of them can be seen on a white page, and curves say what they are over. A
notebook in another language draws the same: it is the same program, as ``test_editions.py`` proves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest
import torch

from autograder.authoring.build import solution_notebook
from autograder.course import load

matplotlib.use("Agg")

COURSE = load(Path(__file__).parents[3] / "grader.toml")
LEAST_CONTRAST = 0.5  # of the way from black to white, between the darkest and the brightest pixel
TRAININGS = {  # what a notebook trains networks by, and what it answers where nothing is trained
    "train": lambda model, images, labels, epochs=1, lr=0: [2.3] * epochs,
    "simply": lambda model, images, labels, rounds: None,
}


def faults(figure: Any) -> Iterator[str]:
    """What is wrong with a figure, by what is drawn on its axes."""
    greys = [(axis, image) for axis in figure.axes for image in axis.images
             if image.get_array().ndim == 2]
    shades = [float(image.norm(value)) for _, image in greys
              for value in (image.get_array().min(), image.get_array().max())]
    scales = {image.get_clim() for _, image in greys}
    for axis in figure.axes:
        if not (axis.images or axis.lines or axis.patches or axis.collections):
            yield "empty axes"
        if axis.images and not (axis.axison and any(
                spine.get_visible() for spine in axis.spines.values())):
            yield f"{axis.get_title()}: no frame, so that white is white on white"
        if axis.lines and not (axis.get_xlabel() and axis.get_ylabel()):
            yield f"{axis.get_title()}: curves over axes without a name"
        for text in axis.texts:
            box = text.get_window_extent()
            if not (axis.bbox.contains(*box.min) and axis.bbox.contains(*box.max)):
                yield f"{axis.get_title()}: {text.get_text()} stands across the frame"
    for axis, image in greys:
        black, white = image.get_clim()
        if black >= white:
            yield f"{axis.get_title()}: one value, and a scale that says nothing of it"
        if len(scales) > 1 and not all(f"{end:.3g}" in axis.get_title() for end in (black, white)):
            yield f"{axis.get_title()}: a scale of its own, which nobody can read"
    if greys and max(shades) - min(shades) < LEAST_CONTRAST:
        yield "hardly any contrast"


def figures(name: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All figures that the solved notebook draws. No network is trained for them."""
    drawn: list[Any] = []

    def keep() -> None:
        drawn.extend(map(plt.figure, plt.get_fignums()))
        for figure in drawn:
            plt.close(figure)

    monkeypatch.setattr(plt, "show", keep)
    notebook = nbformat.reads(solution_notebook(COURSE, name).decode(), as_version=4)
    values: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "untrained = " not in cell.source:
            exec(compile(cell.source, cell.id, "exec"), values)
        values |= {name: stand_in for name, stand_in in TRAININGS.items() if name in values}
    return drawn


@pytest.mark.parametrize("name", list(COURSE.assignments))
def test_pictures_can_be_compared_and_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = figures(name, monkeypatch)
    assert drawn
    assert [fault for figure in drawn for fault in faults(figure)] == []


def stretched(*pictures: torch.Tensor) -> Any:
    """Each from its least to its greatest value, without a frame."""
    figure, axes = plt.subplots(1, len(pictures), squeeze=False)
    for axis, picture in zip(axes[0], pictures, strict=True):
        axis.imshow(picture, cmap="gray")
        axis.axis("off")
    plt.close(figure)
    return figure


def test_curves_over_nothing_and_numbers_across_the_frame_are_found() -> None:
    """As these notebooks once drew them."""
    figure, axis = plt.subplots()
    axis.plot([1, 2], [3, 4])
    axis.annotate("1024", (2, 4))
    plt.close(figure)
    assert [fault.partition(": ")[2] for fault in faults(figure)] == [
        "curves over axes without a name", "1024 stands across the frame"]
    axis.set(xlabel="epoch", ylabel="loss", xlim=(0, 4), ylim=(0, 9))
    assert not list(faults(figure))


def test_pictures_that_are_stretched_each_for_itself_are_found() -> None:
    """As these notebooks once drew them."""
    edges, faint = torch.eye(4) * 2 - 1, torch.eye(4) / 10
    found = " ".join(faults(stretched(edges, faint)))
    assert "a scale of its own" in found and "white on white" in found
    assert any("says nothing" in fault for fault in faults(stretched(torch.full((1, 1), 0.5))))
    assert not any("scale of its own" in fault for fault in faults(stretched(edges, edges)))
