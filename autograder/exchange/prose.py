"""What a student is told, as lines of plain text: for formats that show text and nothing else.

Takes results that went through ``for_student``. What a student can influence comes out without
invisible characters; escaping it for XML, JSON or HTML is the format's business.
"""

from __future__ import annotations

from collections.abc import Mapping

from autograder.course import Assignment
from autograder.report import words
from autograder.result import (
    CheckResult,
    MismatchKind,
    QuestionResult,
    Result,
    Sentence,
    SubmissionStatus,
    sentence,
)


def text(of: Sentence | str) -> str:
    return words.visible(words.say(of))


def is_graded(result: Result) -> bool:
    return result.status is SubmissionStatus.GRADED


def why_not_graded(result: Result) -> list[str]:
    """What to tell a student whose submission has no score; empty when it is graded."""
    reason = words.why_not_graded(result)
    if reason is None:
        return []
    # What went wrong on our side is for staff, and may name what a student must not see.
    is_theirs = result.message is not None and result.status is SubmissionStatus.UNREADABLE
    return [text(each) for each in ([result.message] if is_theirs else []) + [reason] if each]


def about(question: QuestionResult, assignment: Assignment) -> list[str]:
    """What is said about a question as a whole."""
    said: list[Sentence] = []
    for group in words.explanations(question):
        if len(group) > 1:
            said.append(sentence("Your answers fit more than one explanation:"))
        said += [diagnosis.message for diagnosis in group]
    said += [each for each in (
        question.message, words.follow_through_sentence(question, assignment)) if each]
    return [text(each) for each in said]


def titles(question: QuestionResult) -> dict[str, str]:
    """Check -> title, of those checks that a student may know of."""
    return {check.id: text(check.title) for check in question.checks}


def explain(check: CheckResult, titles: Mapping[str, str]) -> list[str]:
    """What is said about one check beyond its title and outcome."""
    lines = [text(check.message)] if check.message else []
    if check.line is not None and not (check.message and "line" in check.message.values):
        where = sentence("Line {line} of your cell", line=check.line) if check.cell is None \
            else sentence("Code cell {cell}, line {line} of your notebook",
                          cell=check.cell + 1, line=check.line)
        lines.append(text(where))
    if check.follows:
        lines.append(text("This follows from an earlier failure and costs nothing."))
        lines += [f"({titles[check.follows]})"] if check.follows in titles else []
    if check.mismatch and not (check.message and check.mismatch.kind is MismatchKind.OTHER):
        lines.append(text(words.mismatch_sentence(check.mismatch)))
    return lines


def verdict(check: CheckResult) -> str:
    return text(words.OUTCOMES[check.status].words)


def checklist(question: QuestionResult, assignment: Assignment) -> str:
    """Everything that is said about a question and its checks."""
    known = titles(question)
    lines = about(question, assignment)
    for check in question.checks:
        symbol = words.OUTCOMES[check.status].symbol
        lines += [f"{symbol} {text(check.title)}: {verdict(check)}",
                  *(f"    {line}" for line in explain(check, known))]
    return "\n".join(lines)
