"""What a student is told, as lines of plain text: for formats that show text and nothing else.

Takes grades that went through ``for_student``. What a student can influence comes out without
invisible characters; escaping it for XML, JSON or HTML is the format's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from autograder.course import Assignment
from autograder.gradebook import Grade, QuestionGrade
from autograder.report import translations, words
from autograder.report.mismatches import mismatch_sentence
from autograder.report.repaired import repair_sentence
from autograder.result import (
    CellError,
    CheckResult,
    MismatchKind,
    Result,
    Sentence,
    SubmissionStatus,
    sentence,
)


@dataclass(frozen=True)
class Prose:
    """What the students of an assignment are told, in the course's language.

    A broken catalogue of translations raises CourseError as soon as anything is said.
    """

    assignment: Assignment

    @cached_property
    def _language(self) -> translations.Language:
        return translations.language(self.assignment.language, self.assignment)

    def text(self, of: Sentence | str) -> str:
        """A sentence, or a title, in that language."""
        return words.visible(words.say(of, self._language))

    def labelled(self, label: Sentence | str, said: Sentence | str) -> str:
        """What is said of something, behind what that is."""
        return self.text(
            sentence("{label}: {said}", label=self.text(label), said=self.text(said)))

    @property
    def pending(self) -> str:
        return self.text(sentence("pending"))

    def why_not_graded(self, result: Result) -> list[str]:
        """What to tell a student whose submission has no score; empty when it is graded."""
        reason = words.why_not_graded(result)
        if reason is None:
            return []
        # What went wrong on our side is for staff, and may name what a student must not see.
        is_theirs = result.message is not None and result.status is SubmissionStatus.UNREADABLE
        said = [result.message] if is_theirs else []
        return [self.text(each) for each in [*said, reason] if each]

    def about_the_whole(self, grade: Grade) -> list[str]:
        """What is said about a submission as a whole: why it has no score, and what else than
        verdicts made the score that it has."""
        if not grade.is_graded:
            return self.why_not_graded(grade.result)
        message = [] if grade.result.is_graded else [grade.result.message]
        return [self.text(each) for each in [
            *grade.result.submission.said, *message, *words.moved(grade, self._language)] if each]

    def cell_error(self, error: CellError) -> str:
        """Why a cell of the notebook did not run to its end."""
        return self.text(words.cell_error(error, self._language))

    def heading(self, question: QuestionGrade) -> str:
        """A question's title, and what it brought."""
        score = self.pending if question.result.status.is_undecided else \
            f"{words.points(question.score)} / {words.points(question.max_score)}"
        return self.labelled(question.title, score)

    def about(self, question: QuestionGrade) -> list[str]:
        """What is said about a question as a whole."""
        said: list[Sentence] = []
        for group in words.explanations(question.result):
            if len(group) > 1:
                said.append(sentence("Your answers fit more than one explanation:"))
            said += [diagnosis.message for diagnosis in group]
        if question.result.repair is not None:
            said.append(repair_sentence(question.result.repair, self._language))
        follow_through = words.follow_through_sentence(question, self.assignment)
        said += [each for each in (question.result.message, follow_through) if each]
        if (measured := question.result.measured) is not None:
            said.append(words.measured_sentence(measured, self._language))
        said += [words.rubric_sentence(item, self._language) for item in question.rubric]
        return [self.text(each) for each in said]

    def titles(self, question: QuestionGrade) -> dict[str, str]:
        """Check -> title, of those checks that a student may know of."""
        return {check.id: self.text(check.title) for check in question.result.checks}

    def verdict(self, check: CheckResult) -> str:
        return self.text(words.OUTCOMES[check.status].words)

    def line(self, check: CheckResult) -> str:
        """How a check ended, and its title."""
        symbol = words.OUTCOMES[check.status].symbol
        return f"{symbol} {self.labelled(self.verdict(check), check.title)}"

    def explain(self, check: CheckResult, titles: Mapping[str, str]) -> list[str]:
        """What is said about one check beyond its title and outcome."""
        account = check.explained
        if account is None:
            return []
        message, mismatch = account.message, account.mismatch
        lines = [self.text(message)] if message else []
        if account.line is not None and not (message and "line" in message.values):
            lines.append(self.text(words.cell_place(account.cell, account.line)))
        if account.source:
            lines.append(f"    {words.one_line(account.source)}")
        if account.said:
            lines.append(words.one_line(account.said))
        if account.advice:
            lines.append(self.text(account.advice))
        if account.follows:
            lines.append(self.text(
                sentence("This follows from an earlier failure and costs nothing.")))
            lines += [f"({titles[account.follows]})"] if account.follows in titles else []
        if mismatch and not (message and mismatch.kind is MismatchKind.OTHER):
            lines.append(self.text(mismatch_sentence(mismatch, self._language)))
        return lines

    def checklist(self, question: QuestionGrade) -> str:
        """Everything that is said about a question and its checks."""
        titles = self.titles(question)
        lines = self.about(question)
        for check in question.result.checks:
            lines += [self.line(check), *(f"    {line}" for line in self.explain(check, titles))]
        return "\n".join(lines)
