"""What a student reads of a hand-in, from the receipt to the result."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.handing_in.handing import HandedIn
from autograder.handing_in.said import HowFar, Offer, QuestionWorth, Worth
from autograder.report import words
from autograder.report.translations import Language
from autograder.result import Sentence, Status, sentence


def received(handed_in: HandedIn) -> list[Sentence]:
    """That it was received, and where the receipt is."""
    receipt = handed_in.receipt
    said = [sentence("Received: {assignment}, hand-in {number}, {moment}.",
                     assignment=receipt.assignment, number=receipt.number,
                     moment=f"{receipt.at.astimezone():%Y-%m-%d %H:%M %Z}")]
    said.append(
        sentence("Receipt: {file}. Keep it.", file=handed_in.saved.name) if handed_in.saved else
        sentence("The receipt could not be saved here. It is at {door}.", door=handed_in.door.url))
    return said


def waiting(how_far: HowFar) -> Sentence:
    """Where it is in the queue."""
    if how_far.state == "internal":
        return sentence("The grader failed. That costs you no attempt, and takes away no grade of "
                        "before: your course's staff see it, and can have it graded again.")
    if how_far.before:
        return sentence("Waiting. Hand-ins that are graded first: {before}. You need not wait: "
                        "what was received is graded.", before=how_far.before)
    return sentence("Being graded.")


def counts(offer: Offer | None) -> Sentence:
    """What counts, where what was handed in is no grade."""
    if offer is None or offer.score is None:
        return sentence("It is no grade, and nothing else of this assignment counts yet.")
    return sentence("It is no grade, and takes none away. Points that count, handed in "
                    "before: {score} of {most}.", score=words.points(offer.score),
                    most=words.points(offer.max_score))


def outcome(worth: Worth, language: Language) -> RenderableType:
    """A table by question, and the points."""
    def say(text: Sentence | str) -> str:
        return words.one_line(words.say(text, language))

    parts: list[RenderableType] = []
    parts += [Text(say(each), "yellow") for each in worth.result.submission.said]
    if worth.result.message is not None:
        parts.append(Text(say(worth.result.message), "yellow"))
    if worth.questions:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0))
        for heading in (Sentence(text=""), sentence("question"), sentence("points"),
                        Sentence(text="")):
            table.add_column(say(heading) if heading.text else "")
        for question in worth.questions:
            symbol, said, style = _standing(question, worth)
            table.add_row(Text(symbol, style), Text(say(question.title)),
                          Text(f"{words.points(question.score)} / "
                               f"{words.points(question.max_score)}"), Text(say(said), style))
        parts.append(table)
    if (late := words.late_sentence(worth)) is not None:
        parts.append(Text(say(late), "yellow"))
    titles = {question.name: question.title for question in worth.questions}
    parts.extend(Text(say(words.adjustment_sentence(each, titles, language)), "yellow")
                 for each in worth.adjustments)
    if worth.is_graded:
        parts.append(Text(say(sentence(
            "points: {score} of {most}", score=words.points(worth.score),
            most=words.points(worth.max_score))), "bold"))
    return Group(*parts)


def _standing(question: QuestionWorth, worth: Worth) -> tuple[str, Sentence | str, str]:
    """Sign, words and colour; of a status that a newer door may have, its own name."""
    if question.kind == "text":
        is_open = question.name in worth.open
        shown = words.text_words(is_open)
        return shown.symbol, shown.words, "yellow" if is_open else "green"
    status = worth.status_of(question.name)
    if status not in set(Status):
        return "?", status, "yellow"
    known = Status(status)
    if known is Status.FAILED and question.score > 0:
        return "◐", sentence("partly right"), "yellow"
    shown = words.OUTCOMES[known]
    style = "green" if known is Status.PASSED else "yellow" if known.is_undecided else "red"
    return shown.symbol, shown.words, style
