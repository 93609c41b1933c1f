"""The desk: how far everything is, and the class of an assignment."""

from __future__ import annotations

from collections import Counter

from fastapi.responses import Response

from autograder.intake.standing import class_lines
from autograder.intake.whose import of_whom
from autograder.result import sentence
from autograder.web import answers
from autograder.web.asking import MarkingMember
from autograder.web.endpoint import Endpoints
from autograder.web.turned_away import not_there

endpoints = Endpoints(prefix="/staff", include_in_schema=False)


@endpoints.get("")
def desk(asks: MarkingMember) -> Response:
    handed_in = {each for each in of_whom(asks.store, asks.people) if asks.sees(each[1])}
    return answers.page(
        "desk.html.j2", asks, title=sentence("The desk"),
        many=Counter(assignment for assignment, _ in handed_in),
        queue=asks.store.arrivals.queue(),
        students=len({each.id for each in asks.people.students if asks.sees(each.id)} | {
            student for _, student in handed_in
            if asks.people.person(student).role == "student"}),
        open=[each for each in asks.store.requests.all()
              if each.closed is None and asks.sees(each.student)])


@endpoints.get("/assignments/{name}")
def class_of(asks: MarkingMember, name: str, section: str = "", word: str = "") -> Response:
    """Everybody, or those of a section, or who are called so."""
    if name not in asks.course.assignments:
        raise not_there()
    assignment = asks.course.assignments[name]
    everybody = [each for each in class_lines(asks.store, asks.people, name)
                 if asks.sees(each.person.id)]
    lines = [each for each in everybody if each.is_found(word, section)]
    return answers.page(
        "class_of.html.j2", asks, about=assignment, assignment=assignment, word=word,
        section=section, many=len(everybody), found=len(lines), sections=sorted(
            {one for each in everybody for one in each.person.sections}), left={
            each.name: sum(each.name in line.total.open for line in everybody if line.total)
            for each in assignment.questions if each.kind == "text"},
        lines=[each for each in lines if not each.is_missing],
        missing=[each.person for each in lines if each.is_missing])
