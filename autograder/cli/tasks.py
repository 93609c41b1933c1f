"""What a command is to grade: one task for each assignment, and whose each hand-in is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from autograder.cli import console
from autograder.course import Course, LayoutName, people, roster
from autograder.names import counted

if TYPE_CHECKING:
    from autograder.course.roster import Roster
    from autograder.exchange.nbgrader_course import NbgraderAssignment
    from autograder.gradebook import Grade
    from autograder.store import Store
    from autograder.submission import Submission

TellGrade = Callable[["Grade", bool], None]


class Grading(NamedTuple):
    """One assignment to grade, and who else is told of its grades."""

    course: Course
    name: str
    submissions: Sequence[Submission]
    notes: Sequence[str] = ()  # for staff, who have to do something
    told: TellGrade = lambda grade, fresh: None
    before: Callable[[Store], None] = lambda store: None  # what others decided is taken over


def of_paths(course: Course, targets: Mapping[str, Sequence[Path]], layout: LayoutName | None,
             times: Path | None, anew: bool, store: Store) -> Iterator[Grading]:
    """What lies at paths, and how it was taken; that is said on the way. ``anew`` is as though
    nothing were graded yet."""
    from autograder.intake import whose
    from autograder.submission import resolving
    from autograder.submission.times import table

    everybody = roster.load(course)
    known = {} if times is None else table(times, course.zone)
    for name, paths in targets.items():
        handed_in, found = whose.found_at(paths, course.assignment(name), store, everybody,
                                          layout=layout, times=known, anew=anew)
        console.tell([*handed_in.layouts, *found.said])
        students = [each.student for each in found.submissions]
        typed, idle = resolving.absent(known, students, everybody)
        if idle:
            console.warn(f"{times}: {counted(len(idle), 'student')} of it handed nothing in, "
                         f"{idle[0]!r} is the first")
        costs = course.late.per_day and course.assignment(name).due is not None
        unknown = [each for each in found.submissions if each.submitted_at is None
                   and (costs or each.is_called_late)
                   and store.handed_in(each.digest, name, each.student) is None]
        late = [f"{each.student}: its name says late, and nothing says when it came, so nothing is "
                "taken off; say when by --times FILE.csv" for each in unknown
                if each.is_called_late and course.due(name, each.student) is not None]
        undated = [each for each in unknown if not each.is_called_late]
        if undated:
            console.tell([f"{name}: nothing says when {len(undated)} of {len(found.submissions)} "
                          "hand-ins came, so nothing is taken off them; --times FILE.csv can say"])
        yield Grading(course, name, found.submissions, [
            *handed_in.notes, *found.notes, *late, *(f"{times}: {line}" for line in typed),
            *_extensions(course, name, found.submissions, everybody)])


def _extensions(course: Course, name: str, found: Sequence[Submission], everybody: Roster
                ) -> Iterator[str]:
    """Lines for staff about extensions that help nobody, and about names that are nobody's."""
    from autograder.submission import resolving

    yield from people.not_later(course.extensions, name, course.assignment(name).due)
    given = [student for student, dates in course.extensions.items() if name in dates]
    typed, idle = resolving.absent(given, [each.student for each in found], everybody)
    yield from (f"grader.toml: the extension of {line}" for line in typed)
    if everybody.people:
        shown = [each for each in course.leaderboard if everybody.find(each) is None]
        yield from (f"grader.toml: the leaderboard's {line}"
                    for line in resolving.strangers(shown, everybody))
    if idle and len(found) > 1:
        console.warn(f"grader.toml: {counted(len(idle), 'student')} with an extension handed "
                     f"nothing in, {idle[0]!r} is the first")


def of_nbgrader(course: Course, root: Path, name: str | None, paths: Sequence[Path],
                everything: Path | None, _store: Store) -> Iterator[Grading]:
    """What lies in an nbgrader course, which is told of the grades under its own names."""
    from autograder.exchange.nbgrader_course import NbgraderCourse
    from autograder.exchange.opening import opener

    if paths or everything:
        raise console.UsageError(
            "--nbgrader COURSE_DIR says where submissions are; leave PATH and --all out")
    if name is not None:
        console.known(course, name)
    found = NbgraderCourse(root, course)
    names = [name] if name else found.assignments()
    if not names:
        raise console.UsageError(f"{root}: nobody handed in an assignment of this course "
                                 f"({', '.join(course.assignments)})")
    everybody = roster.load(course)
    with opener() as open_:
        for each in names:
            yield _in_nbgrader(found.open(each, open_), everybody, root)


def _in_nbgrader(opened: NbgraderAssignment, everybody: Roster, root: Path) -> Grading:
    from autograder.submission import resolving

    submissions = opened.submissions()
    theirs = {everybody.id_of(one.student): one.student for one in submissions}
    if len(theirs) < len(submissions):
        raise console.UsageError(
            f"{root}: two students there are one of the course's people, by their "
            "ids; make them one in nbgrader, or two in the table of people")
    submissions = [replace(one, student=everybody.id_of(one.student)) for one in submissions]

    def record(grade: Grade, fresh: bool) -> None:
        result = grade.result.model_copy(update={"student": theirs[grade.student]})
        opened.record(grade.model_copy(update={"result": result}), fresh)

    opened.notes += [*resolving.unknown(theirs.values(), everybody),
                     *_extensions(opened.course(), opened.name, submissions, everybody)]
    return Grading(opened.course(), opened.name, submissions,
                   opened.notes, record, partial(opened.take_marks, id_of=everybody.id_of))


def targets(course: Course, assignment: str | None, paths: Sequence[Path],
             root: Path | None) -> dict[str, Sequence[Path]]:
    """What to grade: assignment -> where its submissions lie."""
    if root is None:
        if assignment is None or not paths:
            raise console.UsageError("name an assignment and what was handed in for it, or a "
                                     "folder of both by --all; see: autograder grade --help")
        console.known(course, assignment)
        return {assignment: paths}
    if assignment is not None:
        raise console.UsageError(
            "--all ROOT grades every assignment; leave ASSIGNMENT and PATH out")
    if not root.is_dir():
        raise console.UsageError(
            f"{root}: not a folder; --all wants one with a folder for each assignment")
    folders = sorted(path.name for path in root.iterdir()
                     if path.is_dir() and not path.name.startswith("."))
    for name in folders:
        if name not in course.assignments:
            console.warn(f"skipped {root / name}: no assignment of this course")
    targets: dict[str, Sequence[Path]] = {
        name: [root / name] for name in course.assignments if name in folders}
    if not targets:
        raise console.UsageError(f"{root}: has no folder named like an assignment "
                                 f"({', '.join(course.assignments)})")
    return targets
