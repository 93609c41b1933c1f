"""Every sentence a student may read stands in every catalogue."""

from __future__ import annotations

import html
import json
import re
import shutil
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from example_results import a_grade, a_question, a_wrong_array, soup
from labs import RIGHT, Bench, correlation, submitted

from autograder.authoring import catalogues
from autograder.course import LanguageCode, load
from autograder.exchange import gradescope, junit
from autograder.exchange.feedback import with_feedback
from autograder.exchange.opening import TAG, opened
from autograder.gradebook import Grade, grade
from autograder.report import translations
from autograder.report.pages import student_page
from autograder.sandbox.client import Zygote

COURSE = load(Path(__file__).parents[3] / "grader.toml")
ROOMS = ["the framework", *COURSE.assignments]


@cache
def of(room: str) -> list[str]:
    return catalogues.of_framework() if room == ROOMS[0] else catalogues.of_assignment(COURSE, room)


def file_of(room: str, code: LanguageCode) -> Path:
    return translations.framework_file(code) if room == ROOMS[0] else (
        COURSE.solutions(room) / "locale" / f"{code}.po")


def placeholders(text: str) -> list[str]:
    """The names between braces; None stands for braces that no value fits."""
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


@pytest.mark.parametrize("code", translations.FOREIGN)
@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_a_translation(room: str, code: LanguageCode) -> None:
    known = translations.read(file_of(room, code))
    assert [sentence for sentence in of(room) if sentence not in known] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_speaks_of_1_points(room: str) -> None:
    """What is counted stands behind a colon, or is never one."""
    several = "(?:points|attempts|mistakes|seconds|arguments|names|axes|cores|lines run|days|"  \
        "students|people|hand-ins|tests|questions)"
    assert [each for each in of(room) if re.search(
        rf"\{{\w+\}} (?:earned )?{several}\b", each)] == []


def test_one_point_is_a_point() -> None:
    shown = [soup(student_page(a_grade("ann", a_question("corr2d", 1.0), max_score=most),
                               COURSE.assignment("correlation"))).select_one(".total")
             for most in (1.0, 4.0)]
    assert [each and each.get_text() for each in shown] == ["1 / 1 point", "1 / 4 points"]


@pytest.mark.parametrize("code", translations.FOREIGN)
@pytest.mark.parametrize("room", ROOMS)
def test_a_translation_has_the_placeholders_of_its_sentence(room: str, code: LanguageCode) -> None:
    sentences = set(of(room))
    for source, translation in translations.read(file_of(room, code)).items():
        if source in sentences and "{" in source + translation:
            assert placeholders(translation) == placeholders(source), source


@pytest.mark.parametrize("name", COURSE.assignments)
def test_no_english_is_left_on_a_chinese_page(name: str) -> None:
    assignment = COURSE.assignment(name)
    questions = [a_question(each.name, 0.0, title=each.title, checks=[
        a_wrong_array(title=assignment.title)]) for each in assignment.questions]
    page = soup(student_page(a_grade("ann", *questions), assignment))
    assert page.select('.edition[lang="zh"] .hint li, .edition[lang="zh"] .hint p')
    assert [tag.get_text() for tag in page.select('.edition [lang="en"]')] == []


# Plain text -----------------------------------------------------------------------------------

FLIPPED = submitted(RIGHT + """
right = corr2d

def corr2d(X, K):
    return right(X, K.flip(0, 1))
""")
SAID: dict[LanguageCode, list[str]] = {
    "en": ["Two-dimensional cross-correlation", "Height and width are handled separately.",
           "wrong answer", "Wrong values in your answer: ",
           "Deep learning does not flip the kernel"],
    "zh": ["二维互相关运算", "高和宽分别处理。", "答案错误", "你的输出的值不对：",
           "深度学习不翻转卷积核"],
}
"""Of a question and a check the titles, then its verdict, its mismatch, and the diagnosis."""


@pytest.fixture(scope="module")
def flipped(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Grade:
    course = correlation(tmp_path_factory.mktemp("course"), questions=["corr2d"])
    with Bench(course, "correlation", zygote) as judge:
        return grade(course, judge.grade(FLIPPED))


@pytest.mark.parametrize("code", SAID)
def test_plain_text_is_in_the_courses_language(
    code: LanguageCode, flipped: Grade, tmp_path: Path
) -> None:
    file = correlation(tmp_path, questions=["corr2d"]).root / "grader.toml"
    file.write_text(file.read_text().replace('language = "en"', f'language = "{code}"'))
    assignment = load(file).assignment("correlation")
    notebook = with_feedback(opened(FLIPPED.files), flipped, assignment)
    written = {
        "notebook": html.unescape("".join(
            cell.source for cell in notebook.cells if TAG in cell.metadata.get("tags", []))),
        "gradescope": json.dumps(
            json.loads(gradescope.render(flipped, assignment)), ensure_ascii=False),
        "junit": junit.render(flipped, assignment),
    }
    for name, text in written.items():
        found = {language: [each for each in said if each in text]
                 for language, said in SAID.items()}
        assert found == {"en": [], "zh": [], code: SAID[code]}, name


# Catalogues -----------------------------------------------------------------------------------

def a_course(folder: Path) -> None:
    """A course with one sentence of each kind, numbered."""
    files = {
        "grader.toml": """
            [course]
            name = "Course"
            [assignments.lab]
            title = "Sentence 1."
            [[assignments.lab.questions]]
            name = "f"
            title = "Sentence 2."
            concept = "Sentence 3."
            points = 1
            """,
        "tests/hidden/lab/test_f.py": '''
SAID = sentence("Sentence 4 has {n}.", n=1)

def helper():
    """No title."""

def test_f(expect):
    """Sentence 5.

    Nobody reads on.
    """
    expect.equal(answer, "value", "sentence 6")
    expect.that(answer == "value", sentence("Sentence 7, "
                                            "in two pieces."))
''',
        "solutions/lab/misconceptions.py": '''
@wrong("an-id", "Sentence 8.")
def f(X):
    """No title."""
''',
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def test_sentences_are_found_wherever_an_author_writes_them(tmp_path: Path) -> None:
    a_course(tmp_path)
    found = catalogues.of_assignment(load(tmp_path / "grader.toml"), "lab")
    assert sorted(found) == [
        "Sentence 1.", "Sentence 2.", "Sentence 3.", "Sentence 4 has {n}.", "Sentence 5.",
        "Sentence 7, in two pieces.", "Sentence 8.", "sentence 6"]


def test_sentences_of_the_framework_are_found_in_code_and_in_templates() -> None:
    found = catalogues.of_framework()
    assert "Height and width are swapped." in found
    assert "Which pixel was multiplied by which weight in output {index} of {function}. Where " \
           "yours differs is marked." in found


def test_an_update_keeps_translations_and_asks_for_those_that_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "locale" / "zh.po"
    assert catalogues.update(file, ["Old {n}.", "Kept."], "zh") == ["Old {n}.", "Kept."]
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'"Kept\."\nmsgstr ""', '"Kept."\nmsgstr "保留。"', text),
                    encoding="utf-8")
    assert catalogues.update(file, ["Kept.", "New."], "zh") == ["New."]
    assert translations.read(file) == {"Kept.": "保留。"}
    assert "Old" not in file.read_text(encoding="utf-8")


def test_what_is_said_no_longer_stays_translated_for_results_that_were_kept(tmp_path: Path) -> None:
    file = tmp_path / "zh.po"
    catalogues.update(file, ["Said.", "Always."], "zh")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"Said."\nmsgstr ""', '"Said."\nmsgstr "说过。"'),
                    encoding="utf-8")
    for said, missing in ((["Always."], ["Always."]), (["Always.", "Said."], ["Always."])):
        assert catalogues.update(file, said, "zh") == missing
        assert ("#~ msgid" in file.read_text(encoding="utf-8")) == ("Said." not in said)
        translations.read.cache_clear()
        assert translations.read(file) == {"Said.": "说过。"}


@pytest.mark.parametrize("room", ROOMS)
def test_an_update_of_a_finished_catalogue_loses_nothing(room: str, tmp_path: Path) -> None:
    """And another one changes no letter of it."""
    before = translations.read(file_of(room, "zh"))
    file = tmp_path / "zh.po"
    shutil.copyfile(file_of(room, "zh"), file)
    catalogues.update(file, of(room), "zh")
    assert translations.read(file) == before
    once = file.read_bytes()
    catalogues.update(file, of(room), "zh")
    assert file.read_bytes() == once
