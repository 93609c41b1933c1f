"""One hand-in from its files to its result."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError
from autograder.handing_in import tokens
from autograder.handing_in.door import DoorError, NotLetIn, NotThere, RemoteDoor
from autograder.handing_in.said import Acknowledged, HowFar, Offer
from autograder.names import shown

_SOONEST, _LATEST = 0.3, 60.0  # seconds until the door is asked again, whatever it says
_MISSED = 8  # times in a row that it may be away meanwhile


class HandingInError(AutograderError):
    """It was not handed in. The text says why, and what to do."""


@dataclass(frozen=True)
class HandedIn:
    """What a door has received: where, and what it gave for it."""

    door: RemoteDoor
    receipt: Acknowledged
    saved: Path | None  # the receipt's file; None where it could not be written


def hand_in(paths: Sequence[Path], *, to: str | None = None, assignment: str | None = None,
            token_file: Path | None = None, spoken: str = "en") -> HandedIn:
    """Hand in a notebook, with the modules that it imports. The receipt is saved beside it.

    Args:
        paths: the notebook, and what it needs.
        to: the door's address; None: see ``tokens.door``.
        assignment: None is the one that the notebook is called like, or the only one.
        token_file: where the token stands; None: see ``tokens.token``.
        spoken: the language of refusals.

    Raises:
        HandingInError, DoorError, TokenError: it was not handed in.
        OSError: a file cannot be read.
    """
    files: dict[str, bytes] = {}
    for path in paths:
        if path.name in files:
            raise HandingInError(f"{path}: the name {path.name} comes twice; give one of them "
                                 "another name")
        files[path.name] = path.read_bytes()
    url = tokens.door(to)
    token = tokens.token(url, token_file)
    door = RemoteDoor(url, token.text, spoken)
    try:
        receipt, text = door.hand_in(assignment or _chosen(door, paths[0]), files)
    except NotThere:
        names = _offered(door)
        if assignment in (None, *names):
            raise
        raise HandingInError(f"no assignment {shown(str(assignment))!r}; there are: "
                             f"{', '.join(map(shown, names)) or 'none'}") from None
    except NotLetIn:
        if token.is_kept:
            tokens.forget(url)
        raise
    if token.was_asked:
        tokens.keep(url, token.text)
    return HandedIn(door, receipt, _saved(paths[0].parent, receipt, text))


def offer(handed_in: HandedIn) -> Offer | None:
    """The assignment as it stands now; None where the door has it no more. Raises DoorError."""
    return next((each for each in handed_in.door.offers()
                 if each.name == handed_in.receipt.assignment), None)


def waited(handed_in: HandedIn, pause: Callable[[float], None] = time.sleep) -> Iterator[HowFar]:
    """How far it is, each time that there is something new; the last is the end.

    Raises:
        DoorError: the door is away for long, or does not know the hand-in any more.
    """
    last: HowFar | None = None
    missed = 0
    while last is None or not last.is_over:
        try:
            now = handed_in.door.how_far(handed_in.receipt.number)
        except DoorError as error:
            missed += 1
            if not error.is_passing or missed > _MISSED:
                raise
            pause(_soon(2.0 ** missed / 4))
            continue
        missed = 0
        if last is None or (now.state, now.before) != (last.state, last.before):
            yield now
        last = now
        if not now.is_over:
            pause(_soon(now.look_again))


def _soon(seconds: float) -> float:
    return min(max(seconds, _SOONEST), _LATEST) if seconds == seconds else _LATEST


def _offered(door: RemoteDoor) -> list[str]:
    return [offer.name for offer in door.offers()]


def _chosen(door: RemoteDoor, notebook: Path) -> str:
    names = _offered(door)
    stem = notebook.name.casefold()
    likely = [name for name in names
              if re.match(rf"{re.escape(name.casefold())}(?![a-z])", stem)] or names
    if len(likely) != 1:
        raise HandingInError(f"{notebook.name}: for which assignment? Name it by --assignment; "
                             f"there are: {', '.join(map(shown, names)) or 'none'}")
    return likely[0]


def _saved(folder: Path, receipt: Acknowledged, text: str) -> Path | None:
    name = re.sub(r"\W", "_", receipt.assignment, flags=re.ASCII)
    file = folder / f"receipt-{name}-{receipt.number}.json"
    try:
        file.write_text(text, encoding="utf-8")
    except OSError:
        return None
    return file
