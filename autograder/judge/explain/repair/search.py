"""Search the smallest edit that makes a question right: in order of cost, within bounds."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from autograder.course import Question
from autograder.judge.examiner import Examiner
from autograder.judge.explain.repair.candidates import Clue, edits
from autograder.judge.explain.repair.definitions import Definition
from autograder.judge.explain.repair.editing import Edit
from autograder.judge.explain.repair.goal import Goal, left
from autograder.judge.explain.repair.trial import Clock, NoTrial, Trial
from autograder.judge.scoring import Outcome
from autograder.result import Repair, RepairKind, Status

MOST_CANDIDATES = 400
"""Of one question."""

_CLASS = 0.6  # of costs that count as equal: the search goes on so far behind the first hit
_MOST_CHAINED = 3  # edits that took an exception away, and behind which another one is tried
_LONGEST_DIFFERENCE = 4_000  # characters


@dataclass(frozen=True)
class Hit:
    """Edits that reach the goal, as the last of them was found."""

    edit: Edit  # the only one, or the first of two
    statements: frozenset[ast.AST]  # what the edits are about
    source: str
    definition: Definition
    left: tuple[int, int]

    @property
    def repair(self) -> Repair:
        before, after = self.definition.source.splitlines(), self.source.splitlines()
        lines = difflib.unified_diff(before, after, "handed in", "repaired", n=1, lineterm="")
        cell = None if self.definition.is_script else self.definition.cell
        return Repair(kind=self.edit.kind, function=self.definition.name, cell=cell,
                      line=self.edit.line, difference="\n".join(lines)[:_LONGEST_DIFFERENCE])


@dataclass
class Search:
    """One search, for one question of one submission."""

    examiner: Examiner
    question: Question
    goal: Goal
    clock: Clock
    trial: Trial
    tried: int = 0
    _seen: set[str] = field(default_factory=set)
    _freed: list[tuple[Edit, Outcome]] = field(default_factory=list)  # of an exception

    def run(self, definitions: Sequence[Definition], clue: Clue) -> Hit | None:
        """The smallest edit; None where there is none, or where what was found lies in several
        statements, so that nobody can say which of them is wrong."""
        self._seen.update(definition.source for definition in definitions)
        try:
            if any(self._is_right(definition) for definition in definitions):
                return None
            hits = list(self._hits(self._edits(definitions, clue)))
            for first, outcome in self._freed[:_MOST_CHAINED] if not hits else ():
                hits = hits or list(self._behind(first, outcome))
        except NoTrial:
            return None
        if not hits:
            return None
        least = min(hit.left for hit in hits)[0]
        best = [hit for hit in hits if hit.left[0] == least]
        chosen = min(best, key=lambda hit: hit.left)  # the first of equal ones: the cheapest
        return chosen if all(hit.statements == chosen.statements for hit in best) else None

    def _edits(self, definitions: Sequence[Definition], clue: Clue) -> Sequence[Edit]:
        return edits(definitions, clue, lambda: self.clock.is_over)

    def _is_right(self, definition: Definition) -> bool:
        """Whether it reaches the goal as it is: it was only never run, because its cell failed."""
        unchanged = Edit(RepairKind.PLACE, 0, definition, (definition.node,))
        return self._outcomes(unchanged, definition.source) is not None

    def _hits(self, found: Sequence[Edit], first: Edit | None = None) -> Iterator[Hit]:
        """Those of ``found`` that reach the goal, up to the end of the first one's class."""
        ends = float("inf")
        for edit in found:
            if edit.cost > ends or self.tried >= MOST_CANDIDATES or self.clock.is_over:
                return
            source = edit.text()
            if source is None or source in self._seen:
                continue
            self._seen.add(source)
            if first is not None and first.above:
                source = f"{first.above}\n{source}"
            outcomes = self._outcomes(edit, source)
            if outcomes is not None:
                ends = min(ends, edit.cost + _CLASS)
                told, about = (edit, edit.statements) if first is None else \
                    (first, first.statements | edit.statements)
                yield Hit(told, about, source, edit.definition, left(outcomes))

    def _behind(self, first: Edit, outcome: Outcome) -> Iterator[Hit]:
        """What reaches the goal together with ``first``, which took an exception away."""
        with first.made():
            edited = replace(first.definition)  # what is known of its tree holds no more
            raised = outcome.verdict.raised if outcome.verdict else None
            yield from self._hits(self._edits([edited], Clue.of(raised)), first)

    def _outcomes(self, edit: Edit, source: str) -> list[Outcome] | None:
        """How a candidate fares, where it reaches the goal."""
        self.tried += 1
        outcomes: list[Outcome] = []
        if self.trial.define(edit, source):
            for check in self.goal.order:
                outcomes.append(self.examiner.check(self.trial, self.question, check))
                if not self.goal.allows(outcomes[-1]):
                    break
        if edit.above:  # what it imports would be there for the next one
            self.trial.forget()
        if outcomes and self._is_freed(outcomes[0]):
            self._freed.append((edit, outcomes[-1]))
        return outcomes if self.goal.is_reached(outcomes) else None

    def _is_freed(self, outcome: Outcome) -> bool:
        """Whether the student's own code raised on this check, and the candidate did not."""
        return self.goal.before(outcome.check).status in (Status.ERROR, Status.MISSING) \
            and outcome.status in (Status.PASSED, Status.FAILED)


def holds(hit: Hit, examiner: Examiner, question: Question, goal: Goal, trial: Trial) -> bool:
    """Whether the goal is reached on other inputs, too, where no other candidate was."""
    return trial.define(hit.edit, hit.source) and goal.is_reached([
        examiner.check(trial, question, check) for check in goal.order])
