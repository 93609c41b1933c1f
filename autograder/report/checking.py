"""What a student sees in the terminal who checks a notebook at home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment
from autograder.report import words
from autograder.report.grids import Contrast, Grid, compare, grids
from autograder.report.mismatches import mismatch_sentence
from autograder.report.repaired import repair_sentence
from autograder.report.translations import Language
from autograder.result import (
    Account,
    Array,
    CheckResult,
    Evidence,
    Mismatch,
    MismatchKind,
    QuestionResult,
    Result,
    Sentence,
    Shown,
    Status,
    sentence,
)


def checked(result: Result, assignment: Assignment, language: Language) -> RenderableType:
    """A table by question, and below it each visible check that did not pass."""
    return Group(*_Page(result, assignment, language).parts())


def watched(
    result: Result, assignment: Assignment, language: Language, gained: Sequence[str],
    lost: Sequence[str], following: str | None,
) -> RenderableType:
    """The same for who saves and looks, and saves again: of what does not pass, only the question
    to go on with is told in detail.

    Args:
        gained, lost: questions that pass now and did not before, and the other way round.
        following: that question; None where all pass.
    """
    page = _Page(result, assignment, language, following)
    return Group(*page.parts(), *page.changes(gained, lost))


@dataclass(frozen=True)
class _Page:
    result: Result
    assignment: Assignment
    language: Language
    only: str | None = None  # the one question that is told in detail

    def changes(self, gained: Sequence[str], lost: Sequence[str]) -> Iterator[RenderableType]:
        if gained:
            yield Text(self._say(sentence("Passes now: {names}", names=", ".join(gained))),
                       style="green")
        if lost:
            yield Text(self._say(sentence("Does not pass any more: {names}",
                                          names=", ".join(lost))), style="red")
        if self.only is not None:
            yield Text(self._say(sentence("Next: {name}", name=self.only)), style="bold")
        else:
            yield Text(self._say(sentence("All visible checks pass.")), style="bold green")

    def parts(self) -> Iterator[RenderableType]:
        yield Text(self._say(self.assignment.title), style="bold")
        if self.result.message is not None:
            yield Text(self._say(self.result.message), style="yellow")
        if not self.result.questions:
            return
        yield self._table()
        for error in self.result.load.errors:
            what = self._say(words.cell_error(error, self.language))
            yield Text(words.one_line(f"! {what}"), style="yellow")
        if self.result.load.errors:
            yield Text()
        for question in self.result.questions:
            if question.status is not Status.PASSED and self.only in (None, question.name):
                yield from self._question(question)
        yield Text(self._say(sentence(
            "These are the visible checks only. Hidden checks grade all that the docstrings say.")),
            style="dim")

    def _table(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0))
        for heading in ("", sentence("question"), sentence("visible checks passed"), ""):
            table.add_column(self._say(heading))
        for question in self.result.questions:
            passed = sum(check.status is Status.PASSED for check in question.checks)
            outcome = words.OUTCOMES[question.status]
            style = _style(question.status)
            table.add_row(Text(outcome.symbol, style), Text(question.name),
                          Text(f"{passed} / {len(question.checks)}"),
                          Text(self._say(outcome.words), style))
        return table

    def _question(self, question: QuestionResult) -> Iterator[RenderableType]:
        for check in question.checks:
            if check.status is not Status.PASSED:
                yield from self._check(question, check)
        for group in words.explanations(question):
            if len(group) > 1:
                yield _told(self._say(sentence("Your answers fit more than one explanation:")))
            for diagnosis in group:
                yield _told(self._say(diagnosis.message))
        if question.repair is not None:
            yield _told(self._say(repair_sentence(question.repair, self.language)))
        said = [check.explained.message for check in question.checks if check.explained]
        if question.message is not None and question.message not in said:
            yield _told(self._say(question.message))
        yield Text()

    def _check(self, question: QuestionResult, check: CheckResult) -> Iterator[RenderableType]:
        outcome = words.OUTCOMES[check.status]
        yield Text.assemble((f"{outcome.symbol} {question.name}", _style(check.status)),
                            f"  {self._say(check.title)}")
        account = check.explained or Account(status=check.status)
        message, mismatch = account.message, account.mismatch
        if account.evidence is not None:
            yield from self._evidence(account.evidence, mismatch)
        said: list[Sentence] = [message] if message else [outcome.words]
        if mismatch and not (message and mismatch.kind is MismatchKind.OTHER):
            said = [mismatch_sentence(mismatch, self.language)]
        for each in said:
            yield _indented(Text(words.as_printed(words.say(each, self.language))))
        if account.said:
            for line in filter(None, (account.source, account.said)):
                yield _indented(Text(words.one_line(line), style="cyan"))
        if account.advice is not None:
            yield _told(self._say(account.advice))

    def _evidence(
        self, evidence: Evidence, mismatch: Mismatch | None
    ) -> Iterator[RenderableType]:
        comparison = compare(evidence, mismatch)
        if evidence.arguments or evidence.keywords:
            call = words.one_line(words.call_text(evidence, self.language))
            yield _indented(Text(call, style="cyan"))
            arrays = [shown for _, shown in words.given(evidence) if isinstance(shown, Array)]
            yield _beside(self._block(words.array_name(shown, number), shown)
                          for number, shown in enumerate(arrays, 1))
        answers = [(sentence("expected"), evidence.expected), (sentence("yours"), evidence.actual)]
        yield _beside(self._block(name, shown, comparison)
                      for name, shown in answers if shown is not None)
        if comparison.wrong:
            yield _indented(Text(self._say(sentence("[ ] marks what differs")), style="dim"))

    def _block(self, name: Sentence, shown: Shown, comparison: Contrast | None = None) -> Text:
        """One tensor with a heading, or what is shown in the place of one."""
        heading = Text(self._say(name), style="bold")
        if isinstance(shown, str):
            return heading.append(f"\n{words.as_printed(shown)}", style="not bold")
        heading.append(f" {words.shape_text(shown.shape)} {shown.dtype}", style="not bold dim")
        for grid in grids(shown, comparison):
            heading.append(f"\n{grid.caption}" if grid.caption else "", style="not bold dim")
            for line in _lines(grid):
                heading.append("\n").append_text(line)
        return heading

    def _say(self, text: Sentence | str) -> str:
        return words.one_line(words.say(text, self.language))


def _lines(grid: Grid) -> Iterator[Text]:
    """Numbers in columns; brackets around what is marked, so that colour never stands alone."""
    width = max(len(cell.text) for row in grid.rows for cell in row)
    for row in grid.rows:
        line = Text(style="not bold")
        for cell in row:
            text = cell.text.rjust(width)
            line.append(f"[{text}]" if cell.marked else f" {text} ",
                        style="bold red" if cell.marked else None)
        yield line


def _beside(blocks: Iterable[Text]) -> RenderableType:
    return _indented(Columns(list(blocks), padding=(0, 4)))


def _told(text: str) -> RenderableType:
    return _indented(Text(f"→ {text}", style="bold yellow"))


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 4), expand=False)


def _style(status: Status) -> str:
    return "green" if status is Status.PASSED else "yellow" if status.is_undecided else "red"
