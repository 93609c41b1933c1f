"""After a change, only what the change affects runs again; points and due dates run nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from labs import SECRET, Bench, Lab, submitted, worth

from autograder import course, gradebook
from autograder.course import Course
from autograder.course.digests import question_digests, suite_digest
from autograder.gradebook import Grade
from autograder.grading import run
from autograder.grading.executors import Here
from autograder.grading.jury import Jury
from autograder.sandbox.client import Zygote
from autograder.store import Store
from autograder.submission import Submission

# Right but for odd numbers above 99, which only a changed suite asks about.
ALMOST = ("def twice(x):\n    return x + x\n\n\n"
          "def thrice(x):\n    return twice(x) + x\n\n\n"
          "def half(x):\n    return x // 2 if x < 99 else 0\n")
HALF = ('[[assignments.lab.questions]]\nname = "half"\ntitle = "Half"\npoints = 3\n')


class Class:
    """A course that is changed between runs, with a store, and a log of what workers were asked."""

    def __init__(self, root: Path, zygote: Zygote) -> None:
        self._lab = Lab(root, reference="def twice(x):\n    return x + x\n\n\n"
                        "def thrice(x):\n    return 3 * x\n\n\ndef half(x):\n    return x // 2\n")
        self._zygote = zygote
        self.asked: list[str] = []
        found = self._lab.write()
        for file in found.suite("lab").glob("test_*_*.py"):
            file.rename(file.with_name(re.sub(r"_\d+", "", file.name)))
        self.suite("half", "def test_even(check):\n    '''Four.'''\n    check.half(4)\n")
        self.settings(lambda text: text + HALF)

    @property
    def course(self) -> Course:
        return course.load(self._lab.root / "grader.toml")

    def settings(self, change: object) -> None:
        file = self._lab.root / "grader.toml"
        file.write_text(change(file.read_text()))  # type: ignore[operator]

    def suite(self, question: str, text: str) -> None:
        file = self._lab.root / f"tests/hidden/lab/test_{question}.py"
        file.write_text(f"import pytest\n\npytestmark = pytest.mark.question('{question}')\n\n\n"
                        + text)

    def grade(self, *submissions: Submission, force: bool = False) -> list[Grade]:
        """What they are worth; ``asked`` has the checks that were taken for them."""
        self.asked = []
        grades: list[Grade] = []
        found = self.course
        jury = Jury(lambda: self._judge(found), question_digests(found, "lab"),
                    suite_digest(found, "lab"), "5eed", ("none", "landlock", "namespaces"))
        with Store(found) as store:
            run.grade(found, "lab", submissions, jury, Here(jury.make_judge), store=store,
                      force=force, progress=lambda result, fresh: grades.append(
                          gradebook.grade(found, result)))
        return grades

    def _judge(self, found: Course) -> Bench:
        judge = Bench(found, "lab", self._zygote, secret=SECRET)
        judge.environment = judge.environment.model_copy(update={"seed": "5eed"})
        take = judge.examiner.suite.run

        def noted(check, run):  # type: ignore[no-untyped-def]
            if hasattr(run.implementation, "load"):  # the student, not a misconception
                self.asked.append(f"{check.question}/{check.id}")
            return take(check, run)

        judge.examiner.suite.run = noted  # type: ignore[method-assign]
        return judge


@pytest.fixture
def pupils(tmp_path: Path, zygote: Zygote) -> Iterator[Class]:
    yield Class(tmp_path, zygote)


def test_other_points_run_nothing_and_change_the_score(pupils: Class) -> None:
    wrong = submitted("def twice(x):\n    return 2 if x == 1 else x\n", "lab")
    [before] = pupils.grade(wrong)
    assert worth(before, "twice").score == 0.5 and pupils.asked
    pupils.settings(lambda text: text.replace("points = 2", "points = 10"))
    [after] = pupils.grade(wrong)
    assert pupils.asked == []
    assert (worth(after, "twice").score, after.score, after.max_score) == (2.5, 2.5, 14)
    assert [check.score for check in worth(after, "twice").checks] == [2.5, 0]
    with Store(pupils.course) as store:  # one result, whatever it is worth
        assert [entry.score for entry in store.history("ann")] == [2.5]


def test_another_share_for_corrected_helpers_runs_nothing(pupils: Class) -> None:
    wrong = submitted("def twice(x):\n    return x\n\n\ndef thrice(x):\n    return twice(x) + x\n",
                      "lab")
    [before] = pupils.grade(wrong)
    assert (worth(before, "thrice").score, worth(before, "thrice").follow_through) == (0.75, 0.75)
    pupils.settings(lambda text: text.replace('title = "Lab"', 'title = "Lab"\nfollow_through = 0'))
    [after] = pupils.grade(wrong)
    assert pupils.asked == []
    assert (worth(after, "thrice").score, worth(after, "thrice").follow_through) == (0, None)


def test_a_changed_suite_runs_its_own_question_only(pupils: Class) -> None:
    [before] = pupils.grade(submitted(ALMOST, "lab"))
    assert before.score == 6
    pupils.suite("half", "def test_even(check):\n    '''Four.'''\n    check.half(4)\n\n\n"
                         "def test_odd(check):\n    '''Ninety-nine.'''\n    check.half(99)\n")
    [after] = pupils.grade(submitted(ALMOST, "lab"))
    assert pupils.asked == ["half/test_even", "half/test_odd"]
    assert (worth(after, "half").score, after.score) == (1.5, 4.5)
    [again] = pupils.grade(submitted(ALMOST, "lab"))
    assert pupils.asked == [] and again == after


def test_changed_misconceptions_of_a_question_run_that_question_only(pupils: Class) -> None:
    pupils.suite("half", "@pytest.mark.visibility('visible')\n"
                         "def test_even(check):\n    '''Four.'''\n    check.half(4)\n")
    whole = pupils.course.solutions("lab") / "misconceptions.py"
    own = whole.with_suffix("") / "half.py"
    own.parent.mkdir()
    own.write_text("from autograder.suite import Misconceptions\n\n"
                   "wrong = Misconceptions(__file__)\n")
    whole.unlink()
    zero = submitted(ALMOST.replace("x // 2 if x < 99 else 0", "0"), "lab")
    [before] = pupils.grade(zero)
    assert worth(before, "half").result.diagnosis == []
    own.write_text(own.read_text() + "\n\n@wrong('nothing', 'It is 0.')\ndef half(x):\n"
                                     "    return 0\n")
    [after] = pupils.grade(zero)
    assert pupils.asked == ["half/test_even"]
    assert [each.id for each in worth(after, "half").result.diagnosis] == ["nothing"]


def test_a_question_that_builds_on_another_runs_again_when_that_one_came_out_otherwise(
    pupils: Class
) -> None:
    pupils.grade(submitted(ALMOST, "lab"))
    head = "def test_one(check):\n    '''One.'''\n    check.twice(1)\n"
    pupils.suite("twice", head)
    pupils.grade(submitted(ALMOST, "lab"))
    assert pupils.asked == ["twice/test_one", "thrice/test_any"]  # other checks than before
    pupils.suite("twice", head + "# in other words\n")
    pupils.grade(submitted(ALMOST, "lab"))
    assert pupils.asked == ["twice/test_one"]


def test_what_all_questions_share_runs_all_again(pupils: Class) -> None:
    pupils.grade(submitted(ALMOST, "lab"))
    everything = list(pupils.asked)
    file = pupils.course.solutions("lab") / "reference.py"
    file.write_text(file.read_text() + "# mended\n")
    pupils.grade(submitted(ALMOST, "lab"))
    assert pupils.asked == everything


def test_a_regrade_by_force_keeps_nothing(pupils: Class) -> None:
    pupils.grade(submitted(ALMOST, "lab"))
    everything = list(pupils.asked)
    pupils.grade(submitted(ALMOST, "lab"), force=True)
    assert pupils.asked == everything


def test_a_file_holds_the_checks_of_the_question_it_is_named_after(pupils: Class) -> None:
    """Or a change of it would not be noticed."""
    from autograder.judge import JudgeError

    file = pupils.course.suite("lab") / "test_half.py"
    file.write_text(file.read_text().replace("question('half')", "question('thrice')"))
    with pytest.raises(JudgeError, match=r"move it to test_thrice\.py"):
        pupils.grade(submitted(ALMOST, "lab"))
