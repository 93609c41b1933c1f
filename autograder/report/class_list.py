"""Whom the pages and tables of a class are about, and what staff see in the place of ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from autograder.course.pseudonyms import pseudonym
from autograder.course.roster import Person, Roster
from autograder.gradebook import Grade


@dataclass(frozen=True)
class ClassList:
    """The course's people as far as they are known, and who of them handed in nothing."""

    roster: Roster = field(default_factory=Roster)
    missing: Sequence[Person] = ()

    @classmethod
    def of(cls, roster: Roster, handed_in: Collection[str]) -> ClassList:
        return cls(roster, [each for each in roster.students if each.id not in handed_in])

    def counts(self, grade: Grade) -> bool:
        """Whether a class's figures are about it: staff only try things out."""
        return self.roster.person(grade.student).role == "student"


NOBODY = ClassList()
"""Where nobody is known but by what they handed in."""


@dataclass(frozen=True)
class Mask:
    """Puts pseudonyms in the place of people, for staff who mark without knowing whom."""

    secret: bytes

    def name(self, student: str) -> str:
        return pseudonym(self.secret, student)

    def class_list(self, known: ClassList) -> ClassList:
        people = [self._person(person) for person in known.roster.people.values()]
        return ClassList(Roster({person.id: person for person in people}),
                         [self._person(person) for person in known.missing])

    def grade(self, grade: Grade) -> Grade:
        """The grade of nobody in particular: the names of files may be their student's own, and
        what staff wrote of points that they changed may name the student."""
        handed_in = grade.result.submission
        files = {f"file-{number}{PurePath(name).suffix}": digest
                 for number, (name, digest) in enumerate(handed_in.files.items(), 1)}
        result = grade.result.model_copy(update={
            "student": self.name(grade.student),
            "submission": handed_in.model_copy(update={
                "files": files, "handed_in_by": None, "team": None, "said": []})})
        return grade.model_copy(update={"result": result, "adjustments": [
            each.model_copy(update={"reason": "", "comment": ""}) for each in grade.adjustments]})

    def _person(self, person: Person) -> Person:
        return Person(self.name(person.id), role=person.role, section=person.section)
