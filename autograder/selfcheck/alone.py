"""An assignment and its verdicts, for a judge that has nothing but visible checks."""

from __future__ import annotations

from autograder.course import Assignment, Course
from autograder.result import QuestionResult, Result, Status, sentence
from autograder.submission import SubmissionError


def narrowed(assignment: Assignment, name: str) -> Assignment:
    """One question, and all that it builds on."""
    names = [question.name for question in assignment.questions]
    if name not in names:
        raise SubmissionError(f"no question {name!r} of {assignment.name} has visible checks; "
                              f"there are: {', '.join(names)}")
    wanted: set[str] = set()
    waiting = [assignment.question(name)]
    while waiting:
        question = waiting.pop()
        if question.name not in wanted:
            wanted.add(question.name)
            waiting += filter(None, map(assignment.owner, question.uses))
    return assignment.model_copy(update={
        "questions": [each for each in assignment.questions if each.name in wanted]})


def unconnected(course: Course, assignment: Assignment) -> Course:
    """The course for a judge that nobody can ask for a right helper: it was not recorded."""
    questions = [question.model_copy(update={"uses": []}) for question in assignment.questions]
    return course.model_copy(update={"assignments": {
        assignment.name: assignment.model_copy(update={"questions": questions})}})


def first_things_first(
    question: QuestionResult, result: Result, assignment: Assignment
) -> QuestionResult:
    """Where a question builds on a wrong function, that one is to be mended first: what the
    answers look like says nothing about this question's own code."""
    wrong = {each.name for each in result.questions if each.status is not Status.PASSED}
    helpers = [name for name in assignment.question(question.name).uses
               if (owner := assignment.owner(name)) and owner.name in wrong]
    if question.status is Status.PASSED or not helpers:
        return question
    return question.model_copy(update={"diagnosis": [], "wiring": None, "message": sentence(
        "It builds on {names}, which does not pass its own checks yet: correct that first.",
        names=", ".join(helpers))})
