"""The statements that grading needs: those that define graded names, and what these depend on.

Exploration, plots and training then cost nothing. The slice is static, and takes too much rather
than too little: every name that a needed statement reads is needed, and so is every statement that
binds such a name or may change its object. A statement may do so by the name itself, by another
name that may share the object (``t = d["k"]``), or by a function or method that it calls. What a
function answers is a new object, and so is an instance: training ``net = LeNet()`` changes nothing
of the class. Where a name turns out to be undefined after all, whoever uses this runs everything.
It works on whole cells as well as on statements.
"""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace

from autograder.submission.effects import CALLED, GIVEN, METHOD, SET, Effects, effects
from autograder.submission.model import Notebook
from autograder.submission.sharing import How

_WORTH_IT = 400_000  # characters of code: looked into in some seconds at worst

# A name matters to one that is needed in one of two ways, each with a level.
# It may share the needed object. The level, GIVEN to SET, says how surely a statement has to change
# the object of this name to count; that of a call's answer has to be changed by CALLED at least.
# Or its use does something to the needed object, as that of a function does which fills a table:
_ANSWERS = 0  # and what it answers does the same: an instance, a closure
_DOES = 1  # and what it answers does not
_IS_ANSWER = 2  # and it is itself such an answer
_NEVER = SET + 1
_BUILT_IN = frozenset(dir(builtins))


def needed(notebook: Notebook, graded: Collection[str]) -> Notebook:
    """``notebook`` with those of its statements alone that ``graded`` names depend on, in their
    order. One with too much code to look into keeps them all."""
    if is_long(notebook):
        return notebook
    cells = [effects(cell.source.lstrip("\n")) for cell in notebook.cells]
    following = _Following(cells)
    own = set(graded)
    chosen: set[int] = set()
    waiting = [place for place, names in enumerate(cells) if names.always]
    waiting += [place for name in own for place in following.places(name)]
    while waiting:
        place = waiting.pop()
        if place not in chosen:
            chosen.add(place)
            names = cells[place]
            waiting += [more for name in names.used | (names.attributes & own)
                        for more in following.places(name)]
    return replace(notebook, cells=tuple(
        cell for place, cell in enumerate(notebook.cells) if place in chosen))


def is_long(notebook: Notebook) -> bool:
    """Whether to look into its syntax would take longer than to run it: some seconds."""
    return sum(len(cell.source.lstrip("\n")) for cell in notebook.cells) > _WORTH_IT


class _Following:
    """Finds the cells that bind a needed name, or may change its object. All calls together follow
    each name once in each way."""

    def __init__(self, cells: Sequence[Effects]) -> None:
        self._bound: defaultdict[Hashable, list[int]] = defaultdict(list)  # name -> cells
        self._changed: defaultdict[Hashable, list[tuple[int, int]]] = defaultdict(list)
        self._read: defaultdict[Hashable, list[int]] = defaultdict(list)
        self._passed: defaultdict[Hashable, list[tuple[Hashable, How]]] = defaultdict(list)
        self._inside: defaultdict[Hashable, list[tuple[Hashable, int]]] = defaultdict(list)
        self._users: defaultdict[Hashable, list[Hashable]] = defaultdict(list)  # functions
        self._makers: set[Hashable] = set()
        self._reached: dict[tuple[Hashable, bool], int] = {}
        for place, names in enumerate(cells):
            self._note(place, names)
        self._least = _least(cells)  # what changes the object of a name, at least

    def _note(self, place: int, names: Effects) -> None:
        for name in names.bound:
            self._bound[name].append(place)
        for name, surely in names.changed:
            self._changed[name].append((place, surely))
        for name in names.outer:
            self._read[name].append(place)
        for number, (sources, targets) in enumerate(names.passed):
            hub = place, number  # many to many, by way of one
            for name, how in sources:
                self._passed[name].append((hub, how))
            self._passed[hub] = [(name, How.ITSELF) for name in targets]
        if names.defined:
            functions = place, -1  # by one node, too
            self._passed[functions] = [(name, How.ITSELF) for name in names.defined]
            for name, surely in names.inside:
                self._inside[name].append((functions, surely))
            for name in names.used:
                self._users[name].append(functions)
            if names.makes:
                self._makers.add(functions)

    def places(self, name: str) -> Iterator[int]:
        """Cells that bind a name, or may change its object, without those of earlier calls."""
        yield from self._bound.pop(name, ())
        waiting: list[tuple[Hashable, bool, int]] = [(name, False, self._least.get(name, GIVEN))]
        while waiting:
            each, does, level = waiting.pop()
            before = self._reached.get((each, does), _NEVER)
            if level >= before:
                continue
            self._reached[each, does] = level
            if does:
                yield from self._read.pop(each, ())
                waiting += [(user, True, self._doing(user, level))
                            for user in self._users.get(each, ())]
            else:
                changes = self._changed.get(each, ())
                yield from (place for place, surely in changes if level <= surely < before)
                waiting += [(user, True, self._doing(user, _DOES))
                            for user, surely in self._inside.get(each, ()) if surely >= level]
            further = _does_so if does else _shares_so
            waiting += [(other, does, on) for other, how in self._passed.get(each, ())
                        if (on := further(how, level)) is not None]

    def _doing(self, functions: Hashable, level: int) -> int:
        """The level at which functions do something, where what they use, or they themselves, do it
        at ``level``."""
        return _ANSWERS if level == _ANSWERS or functions in self._makers else _DOES


def _least(cells: Sequence[Effects]) -> dict[str, int]:
    """Name -> the level from which on a change of its object counts. ``plt.show()`` changes no
    module, ``corr2d(X, K)`` no function, and nothing changes a number."""
    bound = {name for names in cells for name in names.bound}
    found = {name: METHOD for names in cells for name in names.defined}
    found |= {name: SET for each in (_BUILT_IN - bound, *(names.imported for names in cells))
              for name in each}
    other: dict[str, int] = {}  # names for these, and for numbers; not where also for others
    for names in cells:
        levels = dict.fromkeys(names.unchangeable, _NEVER)
        for new, old, is_part in names.renamed:
            level = found.get(old, other.get(old, GIVEN))
            levels[new] = level if level >= (SET if is_part else METHOD) else GIVEN
        for name in names.bound:
            other[name] = min(levels.get(name, GIVEN), other.get(name, _NEVER))
    return other | found


def _shares_so(how: How, level: int) -> int | None:
    """The level at which a name shares an object that was passed on to it; None where it does not.
    What a call was given is followed through one call, and functions, classes and modules only to
    other names for them."""
    if how == How.ITSELF or (how == How.HELD and level <= CALLED):
        return level
    is_through = level == GIVEN or (level == CALLED and how != How.ARGUMENT)
    return CALLED if is_through else None


def _does_so(how: How, level: int) -> int | None:
    """The level at which a name does what an object does that was passed on to it; None where it
    does not."""
    if how <= How.HELD:
        return level
    if how == How.METHOD or (how == How.ARGUMENT and level < _IS_ANSWER) or level == _ANSWERS:
        return _IS_ANSWER
    return None
