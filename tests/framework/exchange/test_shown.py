"""What feedback shows is what ran: each cell that the grader reads, and no other cell of code."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import nbformat
import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.exchange.feedback import as_html
from autograder.exchange.opening import LEFT_OUT, TAG, opened
from autograder.submission import Submission, Unreadable, read
from autograder.submission.notebook import code_of


def code_cell(source: Any, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": source, **fields}


def shown(content: bytes, name: str = "lab.ipynb") -> list[str]:
    return [cell.source for cell in opened({name: content}).cells if cell.cell_type == "code"]


def ran(content: bytes, name: str = "lab.ipynb") -> list[str]:
    return [cell.source for cell in read(Submission("ann", "lab", {name: content}, None)).cells]


FAIR, HIDDEN = code_cell("x = 'fair'"), code_cell("x = 'hidden'")
OLD = {"cell_type": "code", "language": "python", "outputs": [], "input": "x = 'fair'"}


@pytest.mark.parametrize("document", [
    {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "cells": [HIDDEN],
     "worksheets": [{"cells": [OLD]}]},
    {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [FAIR],
     "worksheets": [{"cells": [{**OLD, "input": "x = 'hidden'"}]}]},
    {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [
        {"cells": [{**OLD, "source": "x = 'hidden'", "code": "x = 'hidden'"}]}]},
    {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {**FAIR, "input": "x = 'hidden'", "code": "x = 'hidden'"}]},
], ids=["worksheets count", "cells count", "input counts", "source counts"])
def test_a_notebook_is_read_where_its_format_says_as_jupyter_reads_it(
    document: dict[str, Any]
) -> None:
    content = json.dumps(document).encode()
    assert ran(content) == shown(content) == ["x = 'fair'"]
    jupyters = nbformat.reads(content.decode(), as_version=4)
    assert [cell.source for cell in jupyters.cells] == ["x = 'fair'"]


@pytest.mark.parametrize("text", [
    '{"nbformat": 4, "cells": [FAIR], "cells": [HIDDEN]}',
    '{"nbformat": 4, "nbformat": 3, "cells": [FAIR]}',
    '{"nbformat": 3, "worksheets": [{"cells": [], "cells": [FAIR]}]}',
    '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1", "source": "x = 2"}]}',
    '{"nbformat": 4, "cells": [{"cell_type": "raw", "cell_type": "code", "source": "x = 1"}]}',
    '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1", '
    '"metadata": {"tags": [], "tags": ["remove_cell"]}}]}',
])
def test_what_is_said_twice_is_refused_for_readers_differ_on_which_counts(text: str) -> None:
    text = text.replace("FAIR", json.dumps(FAIR)).replace("HIDDEN", json.dumps(HIDDEN))
    with pytest.raises(Unreadable, match="two fields of one name"):
        ran(text.encode())


def test_in_what_nobody_reads_a_name_may_stand_twice() -> None:
    """Programs write such outputs: {1: …, "1": …} in Python."""
    text = ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1", "outputs": '
            '[{"data": {"application/json": {"1": 2, "1": 3}}}]}]}')
    assert ran(text.encode()) == ["x = 1"]


def test_cells_in_two_places_and_no_format_are_refused() -> None:
    text = json.dumps({"cells": [FAIR], "worksheets": [{"cells": [OLD]}]})
    with pytest.raises(Unreadable, match="cells in two places"):
        ran(text.encode())


@pytest.mark.parametrize("metadata", [
    {"tags": ["remove_cell", "remove_input", "hide-cell", "hide-input"]}, {"collapsed": True},
    {"jupyter": {"source_hidden": True, "outputs_hidden": True}}, {"hide_input": True},
    {"transient": {"remove_source": True}}, {"tags": [TAG]}, {"cellView": "form"},
    {"slideshow": {"slide_type": "skip"}}])
def test_nothing_that_ran_can_be_hidden(metadata: dict[str, Any]) -> None:
    cell = code_cell("hidden_here = 1", metadata=metadata)
    notebook = opened({"lab.ipynb": json.dumps(
        {"nbformat": 4, "metadata": {"hide_input": True}, "cells": [cell]}).encode()})
    [kept] = notebook.cells
    assert kept.source == "hidden_here = 1" and kept.metadata == {}
    assert "hidden_here" in as_html(notebook)


def test_what_changes_the_order_of_text_is_spelled_out_on_the_page() -> None:
    source = 'if level != "user\u202e \u2066# a comment\u2069 \u2066":\r\n    pass\u2028'
    notebook = opened({"lab.ipynb": json.dumps(
        {"nbformat": 4, "cells": [code_cell(source)]}).encode()})
    assert notebook.cells[0].source == source  # it is the student's notebook
    page = re.sub(r"</?span[^>]*>", "", as_html(notebook))
    assert not set("\u202e\u2066\u2069\u2028") & set(page)
    assert "⟨U+202E⟩" in page and "⟨U+2028⟩" in page and "⟨U+000D⟩" not in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["lab.ipynb", "lab.py"])
def test_every_encoding_that_is_graded_is_shown(encoding: str, name: str) -> None:
    source = "x = '卷积'"
    text = source if name.endswith(".py") else json.dumps(
        {"nbformat": 4, "cells": [code_cell(source)]}, ensure_ascii=False)
    assert shown(text.encode(encoding), name) == [source] == ran(text.encode(encoding), name)


@pytest.mark.parametrize("script", [
    "x = 1\n\n\ndef f():\n    return 2\n\nprint 3\n",
    "# %% [markdown]\n# Text\n\n# %%\nx = 1\n\n# %% [code]\n%time y = 2\n",
])
def test_every_cell_of_a_script_stands_in_what_is_shown(script: str) -> None:
    [text] = shown(script.encode(), "lab.py")
    codes = code_of("lab.py", script.encode())
    assert len(codes) >= 2 and all(code.source in text for code in codes)


def test_half_a_surrogate_pair_stops_nothing() -> None:
    content = b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    notebook = opened({"lab.ipynb": content})
    assert nbformat.writes(notebook).encode() and as_html(notebook)


def test_what_is_well_formed_stays_and_what_is_not_costs_itself_only() -> None:
    good = nbformat.v4.new_output("stream", text="printed")
    notebook = opened({"lab.ipynb": json.dumps({"nbformat": 4, "cells": [
        code_cell("x = 1", outputs=[good]), code_cell("y = 2", outputs=[{"output_type": 3}])]}
    ).encode()})
    assert [cell.outputs for cell in notebook.cells] == [[good], []]
    nbformat.validate(notebook)


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"a": found}
    return found


def text_cell(**fields: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": "text", **fields}


HALF = "\ud800"
HOSTILE = {
    "control": text_cell(),
    "nbgrader": text_cell(metadata={"nbgrader": {"grade_id": HALF, HALF: HALF}}),
    "question": text_cell(metadata={"autograder": {"text": HALF}}),
    "nested": text_cell(metadata={"nbgrader": {"grade_id": "a", "checksum": nested(700)}}),
    "no number": text_cell(metadata={"nbgrader": {"points": float("inf")}}),
    "output": code_cell("1", outputs=[{
        "output_type": "stream", "name": "stdout", "text": [HALF]}]),
    "of an output": code_cell("1", outputs=[{
        "output_type": "display_data", "data": {HALF: HALF}, "metadata": {HALF: float("nan")}}]),
    "nested output": code_cell("1", outputs=[{"output_type": "display_data", "metadata": {},
                                              "data": {"application/json": nested(400)}}]),
    "attachment": text_cell(attachments={HALF: {"text/plain": "x"}}),
}


@pytest.mark.parametrize("cell", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_taken_over_can_be_written_and_laid_out(cell: dict[str, Any]) -> None:
    notebook = opened({"lab.ipynb": json.dumps({"nbformat": 4, "cells": [cell]}).encode()})
    text = nbformat.writes(notebook).encode()  # what cannot be encoded raises
    json.loads(text, parse_constant=pytest.fail)
    assert as_html(pickle.loads(pickle.dumps(notebook)))  # to another process
    nbformat.validate(notebook)


def test_of_metadata_only_known_fields_of_their_kind_are_taken_over() -> None:
    good = {"grade_id": "why", "points": 2, "locked": False}
    says = {"nbgrader": {**good, "checksum": [1], "task": 1, "more": {}}, "other": 1}
    notebook = opened({"lab.ipynb": json.dumps(
        {"nbformat": 4, "cells": [text_cell(metadata=says)]}).encode()})
    assert notebook.cells[0].metadata == {"nbgrader": good}


@pytest.mark.parametrize(("cell", "is_too_much"), [
    (code_cell("1", outputs=[nbformat.v4.new_output("stream", text="x")] * 1_000), False),
    (code_cell("1", outputs=[nbformat.v4.new_output("stream", text="x")] * 1_001), True),
    (code_cell("1", outputs=[nbformat.v4.new_output("display_data", {
        "application/json": [[]] * 30_000})]), True),
    (text_cell(metadata={"nbgrader": {"x": [{}] * 30_000}}), False),  # is not taken over at all
])
def test_more_outputs_than_anybody_has_are_left_out_and_it_is_said(
    cell: dict[str, Any], is_too_much: bool
) -> None:
    notebook = opened({"lab.ipynb": json.dumps(
        {"nbformat": 4, "cells": [code_cell("2"), cell]}).encode()})
    assert notebook.metadata.get(LEFT_OUT, []) == ([2] if is_too_much else [])
    kept = len(cell.get("outputs", ())), len(notebook.cells[1].get("outputs", ()))
    assert kept[1] == (0 if is_too_much else kept[0])


SOURCES = st.sampled_from(["x = 1", "# a\r", "%time y = 2", "\ud800", "\u202e"])
FIELDS = st.fixed_dictionaries({}, optional={
    "cell_type": st.sampled_from(["code", "Code", "markdown", "raw", "heading", 3, None]),
    "source": SOURCES | st.lists(SOURCES | st.integers(), max_size=3), "input": SOURCES,
    "code": SOURCES, "outputs": st.sampled_from([None, [], [{}]]),
    "metadata": st.sampled_from([None, {}, {"tags": [TAG]}, {"nbgrader": {"grade_id": 1}}])})
CELLS = st.lists(FIELDS | st.none(), max_size=4)
DOCUMENTS = st.fixed_dictionaries({}, optional={
    "nbformat": st.sampled_from([1, 2, 3, 4, 5, 3.5, "4", None, True, 10**30]), "cells": CELLS,
    "worksheets": st.lists(st.fixed_dictionaries({"cells": CELLS}), max_size=2)})


@fuzzed(300)
@given(DOCUMENTS)
def test_whatever_the_notebook_the_same_code_is_run_and_shown(document: dict[str, Any]) -> None:
    content = json.dumps(document).encode()
    try:
        codes = code_of("lab.ipynb", content)
    except Unreadable:
        return
    assert shown(content) == [code.source.encode("utf-8", "replace").decode() for code in codes]
    nbformat.validate(opened({"lab.ipynb": content}))
