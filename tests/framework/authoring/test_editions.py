"""Notebooks in Chinese are the English ones in other words: what is said is translated, nothing
that counts is lost on the way, and they are handed in and graded as the English ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from autograder import cli
from autograder.authoring import build, editions, fidelity, segments
from autograder.authoring.build import BuildError
from autograder.course import Course, load
from autograder.submission.candidates import Candidates
from autograder.submission.choosing import chosen
from autograder.submission.tree import File

COURSE = load(Path(__file__).parents[3] / "grader.toml")
MASTER = '''\
# %% [markdown]
# # Doubling
#
# The function `double` adds $x + x$, which is 2 times
# $x$. **Think first.** See [the notes](https://example.org/notes).
#
# $$y = 2 x_\\text{in} \\text{ or so}$$
#
# * the first item, on
#   two lines
# * $x$
#
# | place | value |
# | --- | --- |
# | 1 | $|x|$ |

# %%
def double(x):
    """Twice x, as an int.

        y = x + x

    Arguments:
        x: a number.

    Also graded:
        * Refused: what is no
          number.

    >>> double(2)
    4
    """
    ### BEGIN SOLUTION
    twice_as_much = x + x
    return twice_as_much
    ### END SOLUTION


# %%
assert double(2) == 4  # twice two
assert double(3) == 6  # noqa: S101
'''
CHINESE = {
    "Doubling": "加倍",
    "The function `double` adds $x + x$, which is 2 times $x$. **Think first.** "
    "See [the notes](https://example.org/notes).":
        "**先想一想。** 函数 `double` 计算 $x + x$，也就是 $x$ 的 2 倍。"
        "见[讲义](https://example.org/notes)。",
    "the first item, on two lines": "第一项，占两行",
    "| place | value |": "| 位置 | 值 |",
    "or so": "左右",
    "Twice x, as an int.": "x 的两倍，是 int。",
    "Arguments:": "参数：",
    "x: a number.": "x: 一个数。",
    "Also graded:": "评分时还检查：",
    "Refused: what is no number.": "拒绝：不是数的东西。",
    "twice two": "二的两倍",
}


def a_course(folder: Path, chinese: Mapping[str, str] = CHINESE) -> Course:
    (folder / "grader.toml").write_text(
        '[course]\nname = "Small"\n[assignments.doubling]\ntitle = "Doubling"\n'
        '[[assignments.doubling.questions]]\nname = "double"\ntitle = "Double"\npoints = 1\n')
    source = folder / "solutions" / "doubling" / "notebook.py"
    source.parent.mkdir(parents=True)
    source.write_text(MASTER, encoding="utf-8")
    catalogue = Catalog(locale="zh")
    for text, translation in chinese.items():
        catalogue.add(text, translation)
    (source.parent / "locale").mkdir()
    with (source.parent / "locale" / "notebook.zh.po").open("wb") as file:
        write_po(file, catalogue)
    return load(folder / "grader.toml")


def built(course: Course) -> Any:
    content = build.build(course, "doubling").files["doubling.zh.ipynb"]
    return nbformat.reads(content.decode(), as_version=4)


def test_what_is_said_is_found_and_said_in_chinese(tmp_path: Path) -> None:
    course = a_course(tmp_path)
    assert editions.messages(build.given_notebook(course, "doubling")) == list(CHINESE)
    prose, function, examples = built(course).cells
    assert prose.source == """\
# 加倍

**先想一想。** 函数 `double` 计算 $x + x$，也就是 $x$ 的 2 倍。见[讲义](https://example.org/notes)。

$$y = 2 x_\\text{in} \\text{ 左右}$$

* 第一项，占两行
* $x$

| 位置 | 值 |
| --- | --- |
| 1 | $|x|$ |"""
    assert function.source == '''\
def double(x):
    """x 的两倍，是 int。

        y = x + x

    参数：
        x: 一个数。

    评分时还检查：
        * 拒绝：不是数的东西。

    >>> double(2)
    4
    """
    raise NotImplementedError("write double here")'''
    assert examples.source == (
        "assert double(2) == 4  # 二的两倍\nassert double(3) == 6  # noqa: S101")


def test_what_is_not_translated_stays_english_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    course = a_course(tmp_path, {text: said for text, said in CHINESE.items()
                                 if text != "Twice x, as an int."})
    assert '"""Twice x, as an int.' in built(course).cells[1].source
    monkeypatch.chdir(tmp_path)
    said = "doubling: not translated (zh): Twice x, as an int."
    code, output = command("build", "--language", "zh")
    assert code == 0 and said in output
    assert [path.name for path in (tmp_path / "assignments/doubling").iterdir()] == [
        "doubling.zh.ipynb"]
    build.write(course, build.build(course, "doubling"))
    code, output = command("build", "--check")
    assert (code, output.splitlines()) == (1, [said])


def test_no_notebook_is_made_of_a_catalogue_that_is_empty(tmp_path: Path) -> None:
    made = build.build(a_course(tmp_path, {}), "doubling")
    assert "doubling.zh.ipynb" not in made.files
    with pytest.raises(BuildError, match=r"notebook\.zh\.po: translates nothing .* yet"):
        made.only("zh")


TEXT = ("The function `double` adds $x + x$, which is 2 times $x$. **Think first.** "
        "See [the notes](https://example.org/notes).")
LOST = {
    "a formula": ("$x + x$", "$x + y$", r"the formula \$x \+ x\$ is missing"),
    "code": ("`double`", "`double_it`", "the code double is missing"),
    "a number": ("2 倍", "二倍", "the number 2 is missing"),
    "a number that is new": ("计算", "第 3 次计算", "the number 3 is new"),
    "a link": ("example.org/notes", "example.org", r"the link \]\(https://example.org/notes\) is"),
    "bold text": ("**先想一想。** ", "先想一想。", "bold text stands there 0 times"),
    "stars that are no markup": (
        "**先想一想。** ", "**先想一想。**", "bold text stands there 0 times"),
}


@pytest.mark.parametrize(("good", "bad", "words"), LOST.values(), ids=LOST)
def test_what_a_translation_loses_is_named_and_nothing_built(
    good: str, bad: str, words: str, tmp_path: Path
) -> None:
    assert list(fidelity.lost(TEXT, CHINESE[TEXT])) == []
    course = a_course(tmp_path, CHINESE | {TEXT: CHINESE[TEXT].replace(good, bad)})
    with pytest.raises(BuildError, match=f"{words}.*translation of 'The function"):
        build.build(course, "doubling")


def test_names_in_docstrings_are_kept(tmp_path: Path) -> None:
    text = "X and as_pair(2): nn.Conv2d, LeNet or int64."
    assert list(fidelity.lost(text, "X 和 as_pair(2)：nn.Conv2d、LeNet 或 int64。")) == []
    assert len(list(fidelity.lost(text, "和 (2)：或。"))) == 5


BROKEN = {
    "a list of a paragraph": ("Doubling", "加倍\n\n* 加倍"),
    "quotes that end a docstring": ("Arguments:", '参数："""; print("two")'),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_translation_is_no_other_cell(text: str, said: str, tmp_path: Path) -> None:
    course = a_course(tmp_path, CHINESE | {text: said})
    with pytest.raises(BuildError, match="makes another cell of it"):
        build.build(course, "doubling")


def test_the_terms_of_a_notebook_stand_above_its_code(tmp_path: Path) -> None:
    course = a_course(tmp_path)
    (tmp_path / "solutions/glossary.zh.toml").write_text(
        '[terms]\n"function" = "函数"\n"kernel" = "卷积核"\n', encoding="utf-8")
    cell = built(course).cells[1]
    assert cell.id == "glossary" and "| function | 函数 |" in cell.source
    assert "kernel" not in cell.source


def test_which_notebook_counts_does_not_depend_on_its_language(tmp_path: Path) -> None:
    """Of two, the one that was worked on; neither handout is an attempt."""
    course = a_course(tmp_path)
    build.write(course, build.build(course, "doubling"))
    given = {name: (tmp_path / "assignments/doubling" / name).read_bytes()
             for name in ("doubling.ipynb", "doubling.zh.ipynb")}

    def read(content: bytes, _: int) -> bytes:
        return content

    for worked in given:
        files = given | {worked: given[worked].replace(b"raise NotImplementedError", b"return x #")}
        found, note = chosen(Candidates(
            tuple(File((name,), partial(read, content)) for name, content in files.items()),
            course.assignment("doubling")))
        assert (found.name, note) == (worked, "")


# The course's own -----------------------------------------------------------------------------

@pytest.mark.parametrize("name", COURSE.assignments)
def test_every_paragraph_is_translated(name: str) -> None:
    edition = editions.translated(COURSE, name, build.given_notebook(COURSE, name), "zh")
    assert edition is not None
    assert edition.untranslated == ()


@pytest.mark.parametrize("name", COURSE.assignments)
def test_the_chinese_notebook_runs_as_the_english_one(name: str) -> None:
    """For it is the same program, in cells of the same ids that nbgrader and we know."""
    english, chinese = (nbformat.read(path, as_version=4) for path in COURSE.handouts(name))
    others = [cell for cell in chinese.cells if cell.id != "glossary"]
    assert [cell.id for cell in others] == [cell.id for cell in english.cells]
    for one, other in zip(english.cells, others, strict=True):
        for cell in (one, other):
            cell.metadata.get("nbgrader", {}).pop("checksum", None)
        assert other.metadata == one.metadata
        assert one.cell_type != "code" or (
            editions.program(other.source) == editions.program(one.source))
    assert chinese.metadata == english.metadata
    assert re.search("[\u4e00-\u9fff]", "".join(cell.source for cell in others))


def test_the_first_pooling_of_a_notebook_says_its_other_name() -> None:
    for name in COURSE.assignments:
        _, path = COURSE.handouts(name)
        text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells
                         if cell.id != "glossary")
        if "汇聚" in text:
            assert text[text.index("汇聚"):].startswith(("汇聚（池化）", "汇聚层（池化层）")), name


def test_lines_of_a_docstring_are_short_and_begin_with_no_comma() -> None:
    for name in COURSE.assignments:
        _, path = COURSE.handouts(name)
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                for start, end in segments.docstrings(cell.source):
                    for line in cell.source[start:end].split("\n"):
                        assert not line.strip().startswith(tuple("，。；：、）")), line
