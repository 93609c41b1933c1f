"""HTML pages: one for each student, one for the class. Self-contained, and safe to open.

Everything a student can influence passes through ``bdi`` or ``visible`` and Jinja's escaping.
Should an element slip through all the same, the page's Content-Security-Policy lets nothing
load and lets no script run but our own, which it knows by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from autograder.course import Assignment, LanguageCode
from autograder.gradebook import Grade, for_student
from autograder.report import words
from autograder.report.class_list import NOBODY, ClassList, Mask
from autograder.report.grades_csv import write_csv
from autograder.report.grids import compare, grids, wires
from autograder.report.hints import hint
from autograder.report.markdown import laid_out
from autograder.report.mismatches import mismatch_sentence
from autograder.report.page_names import page_names
from autograder.report.repaired import repair_sentence
from autograder.report.rows import StudentRow
from autograder.report.statistics import BINS, check_figures, class_figures
from autograder.report.translations import Language, languages
from autograder.result import Array, Sentence, sentence
from autograder.whole_files import write_whole

_CODE = re.compile(r"``?([^`]+)``?")


@dataclass(frozen=True)
class Inline:
    """A style or script of ours that stands in the page, and its hash for the policy."""

    source: Markup
    hash: str


def _inline(name: str) -> Inline:
    source = (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
    digest = hashlib.sha256(source.encode()).digest()
    return Inline(Markup(source), f"'sha256-{base64.b64encode(digest).decode()}'")


STYLE = _inline("style.css")
"""How our pages look."""


def _bdi(text: Sentence | str) -> Markup:
    """A text that cannot change how its surroundings read, whatever its letters."""
    return Markup(f"<bdi>{escape(words.visible(words.say(text)))}</bdi>")


def _whole(text: str) -> Markup:
    """The same with all its letters: what somebody has to read to the end."""
    return Markup(f"<bdi>{escape(words.spelled_out(text))}</bdi>")


@pass_context
def _said(context: Context, text: Sentence | str, *, whole: bool = False) -> Markup:
    """A sentence of ours in the language of this part of the page; marked as English where it has
    no translation. ``whole``: with all its letters."""
    language: Language = context["language"]
    known = language.has(text if isinstance(text, str) else text.text)
    inert = words.spelled_out if whole else words.visible
    escaped = str(escape(inert(words.say(text, language))))
    said = Markup(_CODE.sub(r"<code>\1</code>", escaped))
    return Markup(f"<bdi>{said}</bdi>" if known else f'<bdi lang="en">{said}</bdi>')


def said_in(language: Language, text: str, **values: str | int | float) -> str:
    """What a template calls ``_``."""
    return words.say(sentence(text, **values), language)


def environment(*packages: str) -> Environment:
    """What fills in templates: ours, and those of other packages, which come first."""
    environment = Environment(
        loader=ChoiceLoader(list(map(PackageLoader, [*packages, __package__]))), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
        cache_size=-1,  # all of them: there are few, and a limit takes a lock for each use
    )
    environment.filters |= {"bdi": _bdi, "whole": _whole, "said": _said, "visible": words.visible,
                            "spelled": words.spelled_out, "points": words.points,
                            "percent": words.percent, "laid_out": laid_out,
                            "moment": words.moment, "shape": words.shape_text}
    environment.globals |= {
        "style": STYLE, "script": _inline("table.js"),
        "OUTCOMES": words.OUTCOMES, "cell_place": words.cell_place,
        "status_words": words.status_words, "rubric_sentence": words.rubric_sentence,
        "exception_text": words.exception_text,
        "BINS": BINS,
        "call_text": words.call_text, "array_name": words.array_name,
        "mismatch_sentence": mismatch_sentence,
        "measured_sentence": words.measured_sentence,
        "follow_through_sentence": words.follow_through_sentence,
        "newer_note": words.newer_note, "moved": words.moved, "explanations": words.explanations,
        "repair_sentence": repair_sentence,
        "why_not_graded": words.why_not_graded, "hint_for": hint,
        "grids": grids, "compare": compare, "wires": wires,
    }
    environment.tests["array"] = lambda shown: isinstance(shown, Array)
    return environment


_PAGES = environment()


def render(template: str, **values: object) -> str:
    """A page of our own making from one of the templates."""
    return _PAGES.get_template(template).render(**values)


@dataclass(frozen=True)
class Edition:
    """What a student's page says, in one language."""

    language: Language
    choice: str  # the word for "language"
    content: Markup


@dataclass(frozen=True)
class Way:
    """A link from a student's page to another one: where that is shown by a door."""

    href: str
    text: Sentence


def student_page(grade: Grade, assignment: Assignment, people: ClassList = NOBODY,
                 ways: Sequence[Way] = (), spoken: LanguageCode | None = None) -> str:
    """The page for the student of ``grade``: only what ``for_student`` lets through.

    Args:
        ways: where a door shows it. It is in one language then, with links to itself in others;
            a page that stands alone holds all.
        spoken: the language that it opens in; None is the course's.

    Raises:
        CourseError: a catalogue of translations is broken.
    """
    seen = for_student(grade)
    name = people.roster.person(grade.student).name
    team = words.team_sentence(seen.result, people.roster)
    titles = {(question.name, check.id): check.title
              for question in seen.result.questions for check in question.checks}
    editions = []
    first, *others = languages(assignment, spoken)
    for language in (first,) if ways else (first, *others):
        content = Markup(render(
            "edition.html.j2", grade=seen, assignment=assignment, name=name, team=team,
            titles=titles, language=language, ways=ways, _=partial(said_in, language)))
        editions.append(Edition(language, words.say(sentence("Language"), language), content))
    return render("student.html.j2", grade=seen, assignment=assignment, editions=editions,
                  language=first, others=others, ways=ways, _=partial(said_in, first))


def class_page(rows: Iterable[StudentRow], assignment: Assignment,
               people: ClassList = NOBODY) -> str:
    """The page for staff. It links to the files that ``Reports`` puts beside it."""
    ordered = sorted(rows, key=lambda row: row.grade.student)
    grades = [row.grade for row in ordered]
    counted = [row for row in ordered if people.counts(row.grade)]
    names = page_names(grade.student for grade in grades)
    return render(
        "class.html.j2", assignment=assignment, people=people,
        columns=[column for column in ("name", "section", "team")
                 if any(getattr(person, column) for person in people.roster.people.values())],
        sections=people.roster.sections,
        figures=class_figures([row.grade for row in counted], assignment),
        checks=check_figures(counted), grades=grades,
        incidents=[incident for row in ordered for incident in row.incidents],
        links={student: quote(name, safe="") for student, name in names.items()},
    )


class Reports:
    """``directory/<assignment>/``: index.html, grades.csv, and each student's page.

    Beside ``<student>.html``, which may be handed out, lies ``<student>.json``, the full grade
    with the evidence of hidden checks: for staff. Files are replaced one by one, each whole. A
    student's are written as soon as the grade is there; only a line of it is held in memory.

    With a mask, only students' own pages lie there. What staff are to see lies in
    ``directory/anonymous/<assignment>/``, with a page for each pseudonym.
    """

    def __init__(self, students: Iterable[str], assignment: Assignment, directory: Path,
                 people: ClassList = NOBODY, mask: Mask | None = None) -> None:
        languages(assignment)  # a broken catalogue is told before anything is graded
        self._assignment = assignment
        self._known = people
        self._mask = mask
        self._own = directory / assignment.name
        self._folder = directory / "anonymous" / assignment.name if mask else self._own
        for folder in (self._own, self._folder):
            folder.mkdir(parents=True, exist_ok=True)
        students = set(students)
        self._names = page_names(students)
        self._names |= page_names(map(mask.name, students)) if mask else {}
        self.people = mask.class_list(people) if mask else people
        self._rows: list[StudentRow] = []
        self._refusal: OSError | None = None

    @property
    def grades(self) -> list[Grade]:
        """What was added, without checks, as staff see it."""
        return [row.grade for row in self._rows]

    def add(self, grade: Grade) -> None:
        """Write the page and the record of one of the students. A full disk is told at the end:
        the others are to be graded all the same, and the store has its own place."""
        seen = self._mask.grade(grade) if self._mask else grade
        self._rows.append(StudentRow.of(seen))
        name = self._names[seen.student]
        try:
            if self._mask:
                self._write_page(self._own / self._names[grade.student], grade, self._known)
            self._write_page(self._folder / name, seen, self.people)
            write_whole(self._folder / f"{name}.json",
                        seen.model_dump_json(by_alias=True, indent=2))
        except OSError as error:
            self._refusal = self._refusal or error

    def _write_page(self, file: Path, grade: Grade, people: ClassList) -> None:
        write_whole(file.with_name(f"{file.name}.html"),
                    student_page(grade, self._assignment, people))

    def finish(self) -> None:
        """Write what is about the whole class.

        Raises:
            OSError: this, or a student's page, could not be written.
        """
        if self._refusal is not None:
            raise self._refusal
        write_csv(self.grades, self._assignment, self._folder / "grades.csv", self.people)
        write_whole(self._folder / "index.html",
                    class_page(self._rows, self._assignment, self.people))
