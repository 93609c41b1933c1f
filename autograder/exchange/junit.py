"""JUnit XML, of the family that pytest calls xunit2: for CI systems, which show it to students.

A suite for the submission, whose properties are the totals, and one for each question. A failure
is the student's, an error is ours or a file that cannot be read, and skipped is what has not run
yet: so that nobody debugs an error of the grader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from autograder.course import Assignment
from autograder.exchange.format import PerStudent
from autograder.gradebook import Grade, QuestionGrade, for_student
from autograder.report.prose import Prose
from autograder.report.words import points, visible
from autograder.result import Status

_VERDICTS = {Status.DEFERRED: "skipped", Status.INTERNAL: "error"}  # the others: failure
_NOT_XML = re.compile("[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def render(grade: Grade, assignment: Assignment) -> str:
    seen, prose = for_student(grade), Prose(assignment)
    suites = Element("testsuites", name=assignment.name)
    _add_submission(suites, seen, prose)
    if seen.is_graded:
        for question in seen.questions:
            _add_question(suites, question, prose)
    _count(suites, list(suites))
    ElementTree.indent(suites)
    return "<?xml version='1.0' encoding='utf-8'?>\n" \
        + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _add_submission(suites: Element, grade: Grade, prose: Prose) -> None:
    result = grade.result
    suite = SubElement(suites, "testsuite", name="submission")
    facts = {"student": result.student, "status": result.status.value}
    reason = prose.why_not_graded(result)
    if not reason:
        facts |= {"score": points(grade.score), "max_score": points(grade.max_score),
                  "raw_score": points(grade.raw_score), "penalty": points(grade.penalty)}
    _add_properties(suite, facts)
    if reason:
        case = SubElement(suite, "testcase", classname=suites.attrib["name"], name="submission")
        _add_verdict(case, "error", result.status.value, reason)
    _count(suite, [suite])


def _add_question(suites: Element, question: QuestionGrade, prose: Prose) -> None:
    suite = SubElement(suites, "testsuite", name=_clean(question.name))
    score = {} if question.result.status.is_undecided else {"score": points(question.score)}
    _add_properties(suite, {
        "title": prose.text(question.title), "status": question.result.status.value, **score,
        "max_score": points(question.max_score), "bonus": str(question.bonus).lower()})
    titles = prose.titles(question)
    classname = f"{prose.assignment.name}.{_clean(question.name)}"
    for check in question.result.checks:
        case = SubElement(suite, "testcase", classname=classname,
                          name=_clean(prose.text(check.title)))
        if check.status is not Status.PASSED:
            lines = [prose.verdict(check), *prose.explain(check, titles)]
            _add_verdict(case, _VERDICTS.get(check.status, "failure"), check.status.value, lines)
    said = prose.about(question)
    if said:
        SubElement(suite, "system-out").text = _clean("\n".join(said))
    _count(suite, [suite])


def _add_properties(suite: Element, facts: dict[str, str]) -> None:
    properties = SubElement(suite, "properties")
    for name, value in facts.items():
        SubElement(properties, "property", name=name, value=_clean(visible(value)))


def _add_verdict(case: Element, verdict: str, type_: str, lines: Sequence[str]) -> None:
    element = SubElement(case, verdict, type=type_, message=_clean(lines[0]))
    element.text = _clean("\n".join(lines))


def _count(element: Element, suites: Sequence[Element]) -> None:
    for name, path in (("tests", "testcase"), ("failures", "testcase/failure"),
                       ("errors", "testcase/error"), ("skipped", "testcase/skipped")):
        if element.tag == "testsuite" or name != "skipped":  # testsuites knows no skipped
            element.set(name, str(sum(len(suite.findall(path)) for suite in suites)))


def _clean(text: str) -> str:
    """``text`` without what XML cannot hold, escaped or not."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


JUNIT = PerStudent("junit", "JUnit XML for CI; a file for each student", ".junit.xml", render)
