"""What a student wrote for a question in free text is found in whatever tools made of the notebook,
and nothing in a stranger's file stops that."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jupytext
import nbconvert
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from autograder.course import Assignment, Question
from autograder.submission import answers

PROMPT = "**Why?** *Write here.*"
KEPT = {answers.KEY: {"text": "essay"}}


def an_assignment(handout: Path | None = None) -> Assignment:
    assignment = Assignment(title="Lab", questions=[
        Question(name="twice", title="Twice", points=Decimal(2)),
        Question(name="essay", title="Why?", points=Decimal(3), kind="text")])
    assignment._handouts = (handout,) if handout else ()
    return assignment


def a_notebook(*cells: Any) -> Any:
    return v4.new_notebook(cells=[v4.new_code_cell("def twice(x): return x"), *cells,
                                  v4.new_code_cell("assert twice"), v4.new_markdown_cell("Ende")])


def a_cell(text: str, metadata: Any = KEPT, comment: bool = True) -> Any:
    return v4.new_markdown_cell(answers.commented("essay", text) if comment else text,
                                metadata=metadata)


def written(notebook: Any, assignment: Assignment | None = None) -> str | None:
    found = answers.texts({"lab.ipynb": nbformat.writes(notebook).encode()},
                          assignment or an_assignment())
    return found["essay"]


@pytest.fixture
def given_out(tmp_path: Path) -> Assignment:
    nbformat.write(a_notebook(a_cell(PROMPT)), tmp_path / "lab.ipynb")
    return an_assignment(tmp_path / "lab.ipynb")


TEXT = "Because.\n\nAnd *so*\n- on"


def test_by_metadata_and_by_the_comment_where_the_other_is_lost() -> None:
    assert written(a_notebook(a_cell(TEXT))) == TEXT
    assert written(a_notebook(a_cell(TEXT, {}))) == TEXT
    assert written(a_notebook(a_cell(TEXT, comment=False))) == TEXT
    assert written(a_notebook(a_cell(TEXT, {}, comment=False))) is None
    assert written(a_notebook(a_cell(TEXT, {answers.KEY: {"text": "another"}}))) is None
    assert written(a_notebook(a_cell(TEXT, {answers.KEY: [TEXT]}))) == TEXT


def test_a_cell_that_became_code_still_holds_it() -> None:
    assert written(a_notebook(v4.new_code_cell(TEXT, metadata=KEPT))) == TEXT


def test_what_was_handed_out_is_no_answer(given_out: Assignment) -> None:
    assert written(a_notebook(a_cell(f"  {PROMPT}\n")), given_out) == ""
    assert written(a_notebook(a_cell(PROMPT, comment=False)), given_out) == ""
    assert written(a_notebook(a_cell("\n")), given_out) == ""
    assert written(a_notebook(), given_out) is None
    assert written(a_notebook(a_cell(f"{PROMPT}\nSo.")), given_out) == f"{PROMPT}\nSo."


def test_what_was_handed_out_in_another_language_is_no_answer(
    given_out: Assignment, tmp_path: Path
) -> None:
    chinese = "*在这一行的位置写下你的回答。*"
    assert written(a_notebook(a_cell(chinese)), given_out) == chinese
    other = tmp_path / "lab.zh.ipynb"
    nbformat.write(a_notebook(a_cell(chinese)), other)
    given_out._handouts += (other,)
    assert written(a_notebook(a_cell(chinese)), given_out) == ""


def test_of_copies_of_a_cell_all_that_was_written_counts_once(given_out: Assignment) -> None:
    cells = [a_cell(PROMPT), a_cell("One."), a_cell("Two."), a_cell("One.")]
    assert written(a_notebook(*cells), given_out) == "One.\n\nTwo."


def test_nobody_is_asked_where_there_is_no_such_question() -> None:
    assignment = Assignment(title="Lab", questions=[
        Question(name="twice", title="Twice", points=Decimal(2))])
    assert answers.texts({"lab.ipynb": b"{"}, assignment) == {}


# Scripts --------------------------------------------------------------------------------------

def script(text: str) -> str | None:
    return answers.texts({"lab.py": text.encode()}, an_assignment())["essay"]


@pytest.mark.parametrize("metadata", [KEPT, {}])
@pytest.mark.parametrize("style", [{}, {"cell_markers": '"""'}])
def test_jupytexts_percent_scripts(metadata: Any, style: dict[str, str]) -> None:
    notebook = a_notebook(a_cell(TEXT, metadata))
    notebook.metadata["jupytext"] = style
    assert script(jupytext.writes(notebook, "py:percent")) == TEXT


def test_a_percent_cell_that_says_it_in_its_metadata_alone() -> None:
    notebook = a_notebook(a_cell(TEXT, comment=False))
    assert script(jupytext.writes(notebook, "py:percent")) == TEXT


def test_nbconverts_script() -> None:
    text, _ = nbconvert.PythonExporter().from_notebook_node(a_notebook(a_cell(TEXT, {})))
    assert script(text) == TEXT


def test_colabs_script_has_it_as_a_text_at_the_margin() -> None:
    assert script('"""Lab\n"""\n\ndef twice(x): return x\n\n"""<!-- answer: essay -->\n'
                  f'{TEXT}\n"""\n\nassert twice\n') == TEXT


def test_a_percent_cell_with_empty_lines_in_it_is_one_answer() -> None:
    assert script("# %% [markdown]\n# <!-- answer: essay -->\n# One.\n\n# Two.\n\n# %%\nx = 1\n"
                  ) == "One.\n\nTwo."


def test_a_script_without_it() -> None:
    assert script("def twice(x): return x  # Because.\n") is None


# Strangers' files -----------------------------------------------------------------------------

def test_a_long_answer_is_cut_where_a_spreadsheet_would_cut_it() -> None:
    found = written(a_notebook(a_cell("x" * 100_000)))
    assert found is not None and len(found) == answers.LONGEST and found.endswith("…")


def test_what_no_database_takes_is_replaced() -> None:
    content = json.dumps({"nbformat": 4, "cells": [{
        "cell_type": "markdown", "metadata": KEPT, "source": "a\0b\ud800c"}]}).encode()
    found = answers.texts({"lab.ipynb": content}, an_assignment())["essay"]
    assert found == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\0", b"[]", b'{"cells": 3}'])
@pytest.mark.parametrize("name", ["lab.ipynb", "lab.py"])
def test_a_file_that_nobody_can_read_has_no_answer(name: str, content: bytes) -> None:
    assert answers.texts({name: content}, an_assignment()) == {"essay": None}


@pytest.mark.parametrize("text", [
    "<!--" * 200_000, "<!-- answer:" + " " * 500_000, '"""\n' * 200_001, "#\n" * 200_000])
def test_no_text_takes_long_to_look_through(text: str) -> None:
    """A regular expression that goes back would take minutes."""
    script(text)
    written(a_notebook(a_cell(text, {}, comment=False)))


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_whatever_is_written_comes_back(text: str) -> None:
    expected = "\n".join(text.splitlines()).strip()
    if "<!--" not in text:
        assert written(a_notebook(a_cell(text))) == expected
