"""The hostile submissions in ``attacks/``, and their table in docs/security.md.

``python tests/framework/attack_collection.py`` writes the table anew.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ATTACKS = Path(__file__).parent / "attacks"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
CANARY = "CANARY-4f1d"
_BEGIN, _END = "<!-- attacks: begin -->\n", "<!-- attacks: end -->\n"
_KINDS = {"secrets": "secrets and neighbours", "grade": "the grade", "machine": "the machine"}
_CONTROLS = {
    "none": "tier none", "naive": "in-process grader", "pickle": "grader that unpickles",
    "file": "grader that reads a result file", "pipe": "grader that believes a pipe",
    "asked": "judge that answers everything", "row": "in-process grader gives no row",
}


@dataclass(frozen=True)
class Attack:
    path: Path
    kind: str
    title: str
    control: str
    tiers: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.stem


def read_attack(path: Path) -> Attack:
    text = path.read_text()
    title = text.split('"""')[1].splitlines()[0]
    control = re.search(r"^control: (\w+)$", text, re.M)
    tiers = re.search(r"^tiers: (.+)$", text, re.M)
    assert control and tiers, f"{path} says no control or tiers"
    return Attack(path, path.parent.name, title, control[1], tuple(tiers[1].split()))


ALL = [read_attack(path) for path in sorted(ATTACKS.glob("*/*.py"))]


def printed(grade: dict[str, Any]) -> str:
    """All that a submission printed, and all it put into exceptions."""
    return json.dumps(grade["result"]["load"])


def succeeded(attack: Attack, grade: dict[str, Any]) -> bool:
    """Whether a graded attack did what it is after."""
    if attack.kind == "grade":
        return bool(grade["questions"]) and float(grade["questions"][0]["score"]) > 0
    return "BREACH" in printed(grade) or CANARY in printed(grade)


def table() -> str:
    """The table as Markdown."""
    lines = ["| against | attack | held in | control: succeeds in |", "| --- | --- | --- | --- |"]
    for attack in sorted(ALL, key=lambda attack: list(_KINDS).index(attack.kind)):
        lines.append(f"| {_KINDS[attack.kind]} | {attack.title} | {', '.join(attack.tiers)} | "
                     f"{_CONTROLS[attack.control]} |")
    return "\n".join(lines) + "\n"


def documented() -> str:
    """The table as docs/security.md has it."""
    return DOCUMENT.read_text().split(_BEGIN)[1].split(_END)[0]


def main() -> None:
    text = DOCUMENT.read_text()
    head, rest = text.split(_BEGIN)
    DOCUMENT.write_text(head + _BEGIN + table() + _END + rest.split(_END)[1])


if __name__ == "__main__":
    main()
