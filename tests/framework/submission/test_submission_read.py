"""Reading what was handed in: whatever the file, cells of Python or one clear sentence."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import v2, v3, v4

from autograder.result import CellError, sentence
from autograder.submission import Notebook, Submission, Unreadable, near_names, read


def handed_in(content: bytes, name: str = "correlation.ipynb") -> Submission:
    return Submission("ada", "correlation", {name: content}, None)


def notebook(*sources: str) -> Notebook:
    """The cells of a notebook as Jupyter saves it."""
    cells = [v4.new_code_cell(source) for source in sources]
    return read(handed_in(nbformat.writes(v4.new_notebook(cells=cells)).encode()))


def script(text: str) -> Notebook:
    return read(handed_in(text.encode(), "correlation.py"))


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook.cells]


def run(notebook: Notebook) -> dict[str, Any]:
    """What the cells leave behind, each run as the worker does; a cell that raises is skipped."""

    class Shell:
        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *arguments: None

    values: dict[str, Any] = {"get_ipython": Shell}
    for cell in notebook.cells:
        try:
            exec(compile(cell.source, f"<cell {cell.index}>", "exec"), values)
        except Exception as error:
            values.setdefault("errors", []).append((cell.index, type(error).__name__))
    return values


def reason(content: bytes, name: str = "correlation.ipynb") -> str:
    with pytest.raises(Unreadable) as caught:
        read(handed_in(content, name))
    return str(caught.value)


class TestEveryVersionOfTheFormat:
    def test_version_4(self) -> None:
        cells = [v4.new_markdown_cell("# corr2d"), v4.new_code_cell("x = 1"),
                 v4.new_raw_cell("raw"), v4.new_code_cell("y = 2")]
        saved = nbformat.writes(v4.new_notebook(cells=cells))
        assert sources(read(handed_in(saved.encode()))) == ["x = 1", "y = 2"]

    def test_version_3(self) -> None:
        sheet = v3.new_worksheet(cells=[
            v3.new_heading_cell("corr2d"), v3.new_code_cell("x = 1\nz = 3"),
            v3.new_code_cell("y = 2")])
        saved = v3.writes_json(v3.new_notebook(worksheets=[sheet]))
        assert run(read(handed_in(saved.encode())))["z"] == 3

    def test_version_2(self) -> None:
        sheets = [v2.new_worksheet(cells=[v2.new_code_cell("x = 1"), v2.new_text_cell("html")]),
                  v2.new_worksheet(cells=[v2.new_code_cell("y = 2\nz = x + y")])]
        saved = v2.writes_json(v2.new_notebook(worksheets=sheets))
        assert run(read(handed_in(saved.encode())))["z"] == 3

    def test_version_1(self) -> None:
        saved = json.dumps({"cells": [{"cell_type": "code", "code": "x = 1"}]})
        assert sources(read(handed_in(saved.encode()))) == ["x = 1"]

    @pytest.mark.parametrize("document", [
        {"cells": [{"cell_type": "code", "source": "x = 1"}]},
        {"cells": [{"cell_type": "code", "source": ["# a\n", "x ", "= 1"]}], "nbformat": 4},
        {"cells": [{"cell_type": "code", "source": ["# a", "x = 1"]}], "nbformat": "5.9"},
        {"cells": [{"cell_type": "code", "source": "x = 1", "outputs": 3, "metadata": None}],
         "nbformat": 4, "nbformat_minor": 99, "metadata": []},
        {"cells": [None, 3, "text", [], {}, {"cell_type": "code"}, {"cell_type": 3},
                   {"source": "prose"}, {"source": "x = 1", "outputs": []},
                   {"cell_type": "code", "source": {"a": 1}}]},
        {"worksheets": [None, {"cells": 3}, {"cells": [{"cell_type": "code", "input": "x = 1"}]}]},
    ])
    def test_damage_around_plain_cells_costs_nothing(self, document: object) -> None:
        assert run(read(handed_in(json.dumps(document).encode())))["x"] == 1

    def test_outputs_are_not_looked_at(self) -> None:
        outputs = '{"application/json": ' + "9" * 5_000 + ', "x": NaN}'
        cell = '{"cell_type": "code", "source": "x = 1", "outputs": [' + outputs + "]}"
        assert sources(read(handed_in(f'{{"cells": [{cell}]}}'.encode()))) == ["x = 1"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings_that_editors_write(self, encoding: str) -> None:
        saved = json.dumps({"cells": [{"cell_type": "code", "source": "x = '卷积'"}]},
                           ensure_ascii=False)
        assert run(read(handed_in(saved.encode(encoding))))["x"] == "卷积"


class TestUnreadable:
    @pytest.mark.parametrize(("content", "why"), [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b'{"cells": [', "breaks at line 1, column 12"),
        (b'{"cells": [\n<<<<<<< HEAD', "the first at line 2"),
        (b'{"cells": ["<<<<<<< "', "breaks at line 1, column 22"),
        (b"\n<!DOCTYPE html>\n<html>", "is a web page and not a notebook"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"cells":' * 200_000, "nested too deeply"),
        (b"[]", "no cells"),
        (b"3", "no cells"),
        (b"null", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"worksheets": 1}', "no cells"),
        (b'{"cells": []}\0', "NUL"),
        ("é".encode("latin-1"), "byte 0"),
        (b"PK\x03\x04\xff", "byte 4"),
        (b"\xff\xfea", "UTF-8"),
        (b'{"cells": [' + b"1," * 5_000 + b"1]}", "more than 5000 cells"),
        (json.dumps({"cells": [{"cell_type": "code", "source": "x" * 150_000}] * 14}).encode(),
         "longer than 2 million characters"),
        (b" " * (64 * 2**20 + 1), "larger than 64 MB"),
        (b'{"cells": [' + b"[]," * 10_000_000 + b"1]}", "more parts"),
    ], ids=lambda value: value if isinstance(value, str) else "")
    def test_gives_one_clear_sentence(self, content: bytes, why: str) -> None:
        assert why in reason(content)

    @pytest.mark.parametrize(("content", "why"), [
        (b"", "is empty"), (b"x = 1\0", "NUL"), (b"\xff", "UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"x\n" * 5_001, "more than 5000 cells"), (b"x\n" * 2**21, "2 million characters")])
    def test_scripts_too(self, content: bytes, why: str) -> None:
        assert why in reason(content, "correlation.py")

    def test_a_problem_found_before_is_the_reason(self) -> None:
        problem = sentence("The zip archive is damaged.")
        with pytest.raises(Unreadable, match="damaged"):
            read(Submission("ada", "correlation", {}, None, problem=problem))

    def test_nothing_handed_in_is_a_reason(self) -> None:
        with pytest.raises(Unreadable, match="No notebook"):
            read(Submission("ada", "correlation", {}, None))


class TestNewerPythons:
    def told(self, version: object, *sources: str) -> list[str | None]:
        document = v4.new_notebook(cells=[v4.new_code_cell(each) for each in sources])
        document.metadata["language_info"] = {"name": "python", "version": version}
        found = read(handed_in(json.dumps(document).encode()))
        return [None if each.reason is None else str(each.reason) for each in found.errors]

    def test_who_wrote_with_one_is_told_so_where_a_cell_does_not_parse(self) -> None:
        told = self.told("3.99.1", "x = 1", "def f[", "y = ?:")
        assert len(told) == 2 and all(
            each is not None and "run by Python 3.99, and is graded by Python 3." in each
            for each in told)
        assert self.told("3.99.1", "x = 1") == []

    @pytest.mark.parametrize("version", ["3.6.9", "2.7", "", "new", 3, None, sys.version])
    def test_nobody_else_is(self, version: object) -> None:
        assert self.told(version, "def f[") == [None]

    def test_many_broken_cells_are_not_many_readings(self) -> None:
        assert len(self.told("3.99", *["def f["] * 300)) == 300


class TestMagics:
    def test_lines_become_calls_and_lose_nothing(self) -> None:
        values = run(notebook(
            "%matplotlib inline\n!pip install d2l\nx = 1", "files = !ls", "x?", "%%bash\nrm -rf /",
            "y = %timeit 3", "?print", "def f():\n    %time z = 2\n    return z"))
        assert values["x"] == 1 and values["f"]() == 2 and "errors" not in values

    @pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 10", "%%capture out", "%%prun -l 5",
                                       "\n\n%%time", "%%time\n%%capture", "%%time\n\n"])
    def test_the_body_of_a_measured_cell_is_code(self, magic: str) -> None:
        (cell,) = notebook(f"{magic}\ndef f():\n    return 1").cells
        statement = ast.parse(cell.source).body[0]
        assert isinstance(statement, ast.FunctionDef)
        assert statement.lineno == magic.count("\n") + 2

    def test_timed_lines_keep_their_assignment(self) -> None:
        assert run(notebook("%time x = 1\ny = %time x + 1"))["y"] == 2

    def test_text_in_strings_is_left_alone(self) -> None:
        text = "x = '''\n!ls\n%%time\n'''"
        assert sources(notebook(text)) == [text]

    def test_lines_keep_their_numbers(self) -> None:
        (cell,) = notebook("\n\n!ls\n%matplotlib inline\nx = 1").cells
        assert ast.parse(cell.source).body[-1].lineno == 5

    def test_pasted_prompts_are_removed(self) -> None:
        assert run(notebook(">>> x = 1\n>>> y = 2"))["y"] == 2


class TestCellsThatDoNotParse:
    def test_are_left_out_and_the_others_stay(self) -> None:
        result = notebook("x = 1", "def f(:", "y = 2")
        assert [cell.index for cell in result.cells] == [0, 2]
        assert result.errors == (
            CellError(cell=1, type="SyntaxError", line=1, message="invalid syntax"),)

    @pytest.mark.parametrize("source", [
        "print 'a'", "print 'loss %f' % 3", "for i in range(3):\n    print i", "print x,"])
    def test_print_statements_of_python_2_are_named(self, source: str) -> None:
        (error,) = notebook(source).errors
        assert error.message == "Python 2 print statement: write print(...)"
        assert error.line == source.count("\n") + 1

    @pytest.mark.parametrize(("source", "message"), [
        ("-" * 5_000 + "1", "nested too deeply"),
        ("x" + ".a" * 50_000, "nested too deeply"),
        ("(" * 500, "too many nested parentheses"),
        ("x = '\ud800'", "no Python source may hold"),
        ("x = 1\0", "null bytes"),
        ("x = 1 " + " " * 200_000, "longer than 200000 characters"),
        ("x" + " " * 20_000 + "!", "too long lines"),
        ("x = 1" + "9" * 5_000, "integer"),
        ("if x:\n\ty\n        z", "tabs and spaces"),
    ], ids=lambda value: "" if len(value) > 40 or not value.isprintable() else value)
    def test_hostile_cells_cost_themselves_alone(self, source: str, message: str) -> None:
        cells = [{"cell_type": "code", "source": text} for text in (source, "y = 2")]
        result = read(handed_in(json.dumps({"cells": cells}).encode()))
        assert sources(result) == ["y = 2"]
        (error,) = result.errors
        assert message in error.message and error.type == "SyntaxError"
        error.model_dump_json()

    def test_one_budget_covers_a_whole_notebook(self) -> None:
        result = notebook(*["%x y\n" * 180 + "z = 1"] * 40)
        assert result.cells and result.errors
        assert "too many magics" in result.errors[-1].message

    def test_a_magic_beside_a_long_line_of_data_costs_neither(self) -> None:
        data = f"data = [{', '.join(map(str, range(20_000)))}]"
        result = notebook(f"!ls\n{data}\n%matplotlib inline")
        assert not result.errors
        assert data in sources(result)[0]

    def test_many_magics_of_a_line_are_no_attack(self) -> None:
        assert not notebook("!wget -q http://example.org/x\n" * 1_000).errors

    @pytest.mark.parametrize("source", [
        '"""\n%s\n!x\n"""\n!ls', "x = (5\n % 3)\n!ls", "x = 3 \\\n % 2\n!ls",
        "if 1:\n    !ls\n    x = 2", "files = !ls", "sum?", "?sum", "x = 1  # ok?\n!ls",
        "!pip install a \\\n  b\nx = 1", "!a\r\nx = 1", "%%bash\nls",
        'def f():\n    """Q?\n    !a\n    """\n    !b {x}', "%pip install x\n\n\n!y",
    ])
    def test_each_line_is_what_ipython_makes_of_the_cell(self, source: str) -> None:
        theirs = TransformerManager().transform_cell(source)
        [ours] = sources(notebook(source))
        assert ast.dump(ast.parse(ours)) == ast.dump(ast.parse(theirs))

    @pytest.mark.filterwarnings("error")
    def test_warnings_about_their_code_stay_away(self) -> None:
        assert len(notebook(r"x = '\d'", "1 is 1").cells) == 2


class TestScripts:
    def test_each_statement_is_a_cell_so_that_one_that_fails_costs_no_other(self) -> None:
        result = script("import math\n\n1 / 0\n\n# a comment\n@staticmethod\ndef f():\n"
                        "    return math.pi\n\nx = 1; y = 2\nz = (\n    3)\n")
        values = run(result)
        assert values["z"] == 3 and values["y"] == 2 and "f" in values
        assert values["errors"] == [(1, "ZeroDivisionError")]
        assert len(result.cells) == 5

    def test_lines_are_the_scripts(self) -> None:
        cells = script("'''doc'''\n\nx = 1\n\n\ndef f():\n    pass\n").cells
        assert [cell.above + ast.parse(cell.source).body[0].lineno for cell in cells] == [1, 3, 6]
        (error,) = script("x = 1\n\ny = 2\nprint 'a'\nz = 3\n").errors
        assert error.line == 4

    def test_one_that_does_not_parse_keeps_its_sound_blocks(self) -> None:
        result = script("!pip install torch\nimport math\n@staticmethod\n@staticmethod\n"
                        "def f():\n\n    return (\n        1\n)\nprint 'a'\nif math:\n    x = 1\n"
                        "else:\n    x = 2\n%time y = 3\n")
        values = run(result)
        assert values["x"] == 1 and values["y"] == 3 and "f" in values
        assert [error.line for error in result.errors] == [10]

    @pytest.mark.parametrize("marker", ["# %%", "#%%", "# %% [code] title", "# In[3]:", "# In[ ]:"])
    def test_markers_divide_it(self, marker: str) -> None:
        result = script(f"# ---\n# jupyter: {{}}\n# ---\n\n# %% [markdown]\n# A title\n\n{marker}\n"
                        f"x = 1\n\ny = 2\n{marker}\n1 / 0\nlost = 1\n{marker}\n%time z = 3\n")
        values = run(result)
        assert (values["x"], values["y"], values["z"]) == (1, 2, 3)
        assert values["errors"] == [(1, "ZeroDivisionError")] and "lost" not in values

    def test_a_very_long_one_is_divided_too(self) -> None:
        text = "".join(f"def f{n}():\n    return {'n' * 200}\n\n\n" for n in range(2_000))
        assert len(script(text + "1 / 0\nx = 1\n").cells) == 2_002

    def test_magics_do_not_keep_it_from_being_divided_by_statements(self) -> None:
        text = ('!pip install x\n%matplotlib inline\n"""Prose\n\nof Colab\n"""\n'
                "x = 1\n1 / 0\ny = 2\n")
        values = run(script(text))
        assert (values["x"], values["y"]) == (1, 2) and not script(text).errors

    @pytest.mark.parametrize("beside", [
        "!pip install a \\\n   b \\\n   c\n", "def broken(:\n    pass\n", "%%bash\necho it's\n"])
    def test_cells_of_prose_take_no_function_with_them(self, beside: str) -> None:
        """Colab writes them as texts. Where a script does not parse, one was taken for the end of
        what stands above it; and a line that goes on by a backslash moved all below."""
        prose = '"""# Title\n\nIt\'s **prose**:\ndef f(x)\n"""\n\n'
        text = prose + beside + "x = 1\n\n" + prose + "def f():\n    y = 2\n    return y\n" \
            + prose + "def g():\n    '''Says\n    so.'''\n    return 3\n\n" + prose
        values = run(script(text))
        assert (values["x"], values["f"](), values["g"]()) == (1, 2, 3)

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gbk"])
    def test_another_encoding_is_read_where_the_script_declares_it(self, encoding: str) -> None:
        word = "卷积" if encoding == "gbk" else "é"
        text = f"# -*- coding: {encoding} -*-\nx = '{word}'\n"
        assert run(read(handed_in(text.encode(encoding), "a.py")))["x"] == word
        assert "byte" in reason(text.replace(encoding, "nothing").encode(encoding), "a.py")

    def test_commented_magics_are_no_markers(self) -> None:
        assert len(script("# %%\n# %%time\nx = 1\n").cells) == 1

    def test_line_ends_of_every_system_are_understood(self) -> None:
        for end in ("\n", "\r\n", "\r"):
            assert run(script(f"x = 1{end}def f():{end}    return 2{end}"))["f"]() == 2


class TestNearNames:
    @pytest.mark.parametrize(("wanted", "defined"), [
        ("corr2d_multi_in_out", "def corr2d_multi_out(X, K): pass"),
        ("Conv2D", "class Conv2d: pass"),
        ("corr2d", "Corr2D = lambda X, K: 0"),
        ("edge_kernel", "if True:\n    def edgekernel(): pass"),
        ("learn_kernel", "class learn_kernal: pass"),
        ("pool2d", "async def pool_2d(): pass"),
    ])
    def test_are_found_by_spelling(self, wanted: str, defined: str) -> None:
        near = near_names(notebook("x = 1", defined), [wanted])
        assert list(near) == [wanted] and near[wanted] in defined

    @pytest.mark.parametrize("source", [
        "def corr2d(): pass", "def conv2d(): pass", "corr_2d()", "corr2d_x.y = 1",
        "corr_2d: object = 1",
        "class A:\n    def corr_2d(self): pass", "def f():\n    corr_2d = 1", "'corr_2d'",
        "corr_2d = 1"])
    def test_are_not_seen_where_there_are_none(self, source: str) -> None:
        assert near_names(notebook(source), ["corr2d"]) == {}

    def test_of_a_variable_are_those_of_whatever_is_assigned(self) -> None:
        near = near_names(notebook("p_95 = f(x)"), ["p95", "mean"], ["p95"])
        assert near == {"p95": "p_95"}

    def test_are_no_other_wanted_names_and_serve_once(self) -> None:
        result = notebook("def corr2d_multi_in(): pass\ndef corr2d_multi_out(): pass")
        assert near_names(result, ["corr2d_multi_in", "corr2d_multi_in_out"]) == {
            "corr2d_multi_in_out": "corr2d_multi_out"}
        assert near_names(notebook("def Corr2D(): pass"), ["corr2d", "corr_2d"]) in (
            {"corr2d": "Corr2D"}, {"corr_2d": "Corr2D"})


VALID = {
    "cells": [{"cell_type": "code", "source": ["%%time\n", "def corr2d(X, K):\n", "    return X"],
               "metadata": {}, "outputs": [{"output_type": "stream", "text": "a"}], "id": "x"},
              {"cell_type": "markdown", "source": "# Title"},
              {"cell_type": "code", "source": "!ls\nprint 'a'"}],
    "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(
    st.characters(codec=None), max_size=20)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.sampled_from(["cells", "worksheets", "cell_type", "source", "input", "outputs", "x"]),
    inner, max_size=4), max_leaves=20)


def readable(content: bytes, name: str = "a.ipynb") -> bool:
    """Whether it is read. Fails when the reader answers anything but its two answers."""
    try:
        result = read(handed_in(content, name))
    except Unreadable as error:
        assert str(error) and error.reason.model_dump_json()
        return False
    for cell in result.cells:
        ast.parse(cell.source)
    for wrong in result.errors:
        wrong.model_dump_json()
    near_names(result, ["corr2d"])
    return True


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
class TestAnythingAtAll:
    @fuzzed(200)
    @given(st.binary(max_size=200), st.sampled_from(["a.ipynb", "a.py"]))
    def test_bytes(self, content: bytes, name: str) -> None:
        readable(content, name)

    @fuzzed(200)
    @given(JSON)
    def test_json(self, document: object) -> None:
        readable(json.dumps(document).encode())

    @fuzzed(200)
    @given(st.lists(st.text(st.characters(codec=None), max_size=60)
                    | st.lists(st.sampled_from([
                        "%", "%%", "!", "?", "time", "bash", " ", "\n", "\t", "(", ")", "'", '"""',
                        "\\", "=", "x", "1", ":", "def ", "print ", "# %%", ">>> ", "In [1]: "]),
                        max_size=25).map("".join), min_size=1, max_size=3))
    def test_sources(self, texts: list[str]) -> None:
        cells = [{"cell_type": "code", "source": text} for text in texts]
        assert readable(json.dumps({"cells": cells}).encode())
        readable("\n".join(texts).encode("utf-8", "replace"), "a.py")

    @fuzzed(200)
    @given(st.data())
    def test_notebooks_with_something_else_somewhere(self, data: st.DataObject) -> None:
        document = json.loads(json.dumps(VALID))
        spot = document
        while True:
            keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
            key = data.draw(st.sampled_from(keys))
            if isinstance(spot[key], dict | list) and spot[key] and data.draw(st.booleans()):
                spot = spot[key]
                continue
            if data.draw(st.booleans()):
                del spot[key]
            else:
                spot[key] = data.draw(JSON)
            break
        readable(json.dumps(document).encode())

    @fuzzed(200)
    @given(st.data())
    def test_notebooks_with_wrong_bytes(self, data: st.DataObject) -> None:
        content = bytearray(json.dumps(VALID).encode())
        for _ in range(data.draw(st.integers(1, 3))):
            start = data.draw(st.integers(0, len(content)))
            content[start:start + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=5))
        readable(bytes(content))

    @pytest.mark.parametrize("depth", range(100, 3_000, 207))
    def test_every_depth(self, depth: int) -> None:
        limit = sys.getrecursionlimit()
        nested = "[" * depth + "]" * depth
        readable(f'{{"cells": [{{"cell_type": "code", "outputs": {nested}}}]}}'.encode())
        assert readable(json.dumps({"cells": [
            {"cell_type": "code", "source": text}
            for text in ("-" * depth + "1", "a" + ".b" * depth, "x = " + "1+" * depth + "1",
                         "".join(" " * n + "if x:\n" for n in range(min(depth, 600))))
        ]}).encode())
        assert sys.getrecursionlimit() == limit
