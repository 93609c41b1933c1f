"""Every hostile submission in ``attacks/`` is graded by the real command, in every tier and as
every user that this machine has, and does not succeed. Each has a control that shows it does
succeed where nothing stops it.

An attack prints BREACH when its act was possible; one on the grade is successful when it earns
points for the function it does not have. Its docstring names the control: the same command in
tier ``none``; ``naive``, ``pickle``, ``file`` and ``pipe``, the graders of ``naive.py``; ``asked``,
a judge that answers every question a worker asks; ``row``, where what counts is that everybody
gets a row: the naive grader then gives none.

A class is graded once for each tier and user, with a secret for each user. As one user it is
graded by one judge, in the command's own process; as the other by two at the same time, in
processes of their own. Where attacks are held, command and zygotes are the product's own; for
controls, and to compare what students read, they are forked from warm ones. Limits are short, for
some attacks do nothing but reach them; of the others none may have reached one: what is cut off is
not held.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import torch
import warm
from attack_collection import ALL, ATTACKS, CANARY, Attack, documented, printed, succeeded, table

from autograder import course, gradebook
from autograder.course import Limits
from autograder.exchange import FORMATS
from autograder.exchange.feedback import with_feedback
from autograder.exchange.format import PerStudent
from autograder.exchange.opening import opened
from autograder.exchange.workflow import annotate, summary
from autograder.protocol import CallFunction, RunCell
from autograder.report.pages import student_page
from autograder.result import Result, Status
from autograder.sandbox.client import Zygote

REPOSITORY = Path(__file__).resolve().parents[3]
ORDINARY_UID = 23_456
PYTHON = sys.executable


SECRETS = {"root": CANARY + "0" * 32, "ordinary": CANARY + "1" * 32}
USERS = ("root", "ordinary") if os.geteuid() == 0 else ("ordinary",)


@pytest.fixture(scope="session")
def listeners() -> Iterator[int]:
    """Services on this machine that an attack may try to reach; the port of the TCP one."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        port = tcp.getsockname()[1]
        unix.bind(f"\0autograder-attack-{port}")
        unix.listen()
        yield port


@dataclass(frozen=True)
class Ground:
    """A course of its own, with everything in it that an attack may be after."""

    course: Path
    environment: dict[str, str]

    @property
    def submissions(self) -> Path:
        return self.course / "submissions"


def shortened(suite: str) -> str:
    """``suite`` without checks that attacks meet no otherwise than those that stay."""
    tree = ast.parse(suite)
    tree.body = [each for each in tree.body if not re.search(
        r"^test_(.*gradients|.*_input|tall|extreme|empty|other|shift)", getattr(each, "name", ""))]
    return ast.unparse(tree)


@pytest.fixture(scope="session")
def ground(listeners: int) -> Iterator[Ground]:
    root = Path(tempfile.mkdtemp(prefix="autograder-attacks-"))
    for part in ("solutions", "tests/hidden"):
        shutil.copytree(REPOSITORY / part / "correlation", root / part / "correlation",
                        ignore=shutil.ignore_patterns("__pycache__"))
    # The questions that attacks are after: one, and one that builds on it.
    text = (REPOSITORY / "grader.toml").read_text().split('[[assignments.correlation.questions]]\n'
                                                          'name = "Conv2D"')[0]
    (root / "solutions/correlation/alternatives.py").unlink()
    kept = ("corr2d", "conv2d_true")
    for path in (*root.glob("tests/hidden/*/*.py"), *root.glob("solutions/*/misconceptions/*")):
        name = path.stem.removeprefix("test_") if path.parts[-3] == "hidden" else path.stem
        if name not in kept:
            path.unlink()
        elif name != path.stem:
            path.write_text(shortened(path.read_text()))
    limits = ("[assignments.correlation.limits]\nload_seconds = 12\ncell_seconds = 1\n"
              "call_seconds = 0.4\nmemory_mb = 512\nanswer_mb = 16\n")
    # As many bytes as would be worth stealing: a secret, and a hidden test that names the canary.
    text = text.replace("follow_through", 'cells = "all"\nfollow_through')
    (root / "grader.toml").write_text(text.replace("[[assign", limits + "\n[[assign", 1))
    (root / "secret").write_text(CANARY)
    (root / "results").mkdir()
    (root / "submissions").mkdir()
    for path in (*(attack.path for attack in ALL), ATTACKS / "honest.py"):
        source = path.read_text().replace("@COURSE@", str(root)).replace("@PORT@", str(listeners))
        (root / "submissions" / path.name).write_text(source)
    with socket.socket(socket.AF_UNIX) as service:
        service.bind(str(root / "service"))
        service.listen()
        for path in (root, *root.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            if os.geteuid() == 0:
                os.chown(path, ORDINARY_UID, ORDINARY_UID)
        yield Ground(root, {**os.environ, "AUTOGRADER_SECRET": SECRETS["root"]})
    shutil.rmtree(root)


def grade(
    ground: Ground, tier: str, user: str, secret: str = "", run: str = "first",
    only: Collection[str] = (), judges: int = 1, forked: bool = False,
) -> dict[str, dict[str, Any]]:
    """Grade every attack and the honest neighbour, or those named; student -> grade. Each user has
    a secret. ``forked``: by processes that are warm already."""
    output = ground.course / f"out-{tier}-{user}-{run}"
    output.mkdir()
    paths = [ground.submissions / f"{name}.py" for name in only] or [ground.submissions]
    command = [PYTHON, "-P", "-m"]
    arguments = ["grade", "correlation", *map(str, paths),
                 "--course", str(ground.course / "grader.toml"), "--output", str(output),
                 "--sandbox", tier, "--force", "-j", str(judges)]
    if tier == "none":
        arguments.append("--allow-unsandboxed")
        lower = ground.course / "grader.toml"
        lower.write_text(lower.read_text().replace('require = "landlock"', 'require = "none"'))
    if user == "ordinary" and os.geteuid() == 0:
        os.chown(output, ORDINARY_UID, ORDINARY_UID)
        shutil.rmtree(ground.course / "results")
        (ground.course / "results").mkdir()
        os.chown(ground.course / "results", ORDINARY_UID, ORDINARY_UID)
        helper = str(Path(__file__).parents[1] / "ordinary_user.py")
        command = [PYTHON, helper, str(ORDINARY_UID), str(REPOSITORY), "--", *command]
    environment = {**ground.environment, "AUTOGRADER_SECRET": secret or SECRETS[user]}
    done = warm.autograder(*arguments, cwd=ground.course, env=environment) if forked else \
        subprocess.run([*command, "autograder", *arguments], cwd=ground.course, env=environment,
                       timeout=900, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stdout[-2000:] + done.stderr[-2000:]
    return {path.stem: json.loads(path.read_text())
            for path in (output / "correlation").glob("*.json")}


class Runs:
    """One graded batch for each tier and user, made when first asked for. In tier ``none``, of
    those attacks that it is the control of."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._kept: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def __call__(self, tier: str, user: str) -> dict[str, dict[str, Any]]:
        if (tier, user) not in self._kept:
            controlled = [each.name for each in ALL if each.control == "none"]
            self._kept[tier, user] = (
                grade(self._ground, tier, user, only=controlled, forked=True) if tier == "none" else
                grade(self._ground, tier, user, judges=1 if user == USERS[0] else 2))
        return self._kept[tier, user]


@pytest.fixture(scope="session")
def runs(ground: Ground) -> Runs:
    return Runs(ground)


COMBINATIONS = [
    pytest.param(attack, tier, user, id=f"{attack.kind}/{attack.name}-{tier}-{user}")
    for attack in ALL for tier in attack.tiers for user in USERS
]


def was_cut_off(result: dict[str, Any]) -> bool:
    """Whether something took longer than it may, so that nobody knows what it would have done."""
    checks = (check for question in result["questions"] for check in question["checks"])
    return any(error["stopped"] == "timeout" for error in result["load"]["errors"]) \
        or any(check["status"] == Status.TIMEOUT for check in checks)


@pytest.mark.parametrize(("attack", "tier", "user"), COMBINATIONS)
def test_attack_is_held(attack: Attack, tier: str, user: str, runs: Runs) -> None:
    grade = runs(tier, user)[attack.name]
    result = grade["result"]
    assert result["status"] == "graded", result["message"]
    assert result["environment"]["sandbox"] == tier
    assert not succeeded(attack, grade), printed(grade)
    if attack.control != "row" and attack.name != "drop_pages":  # which hangs when it has dropped
        assert not was_cut_off(result)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("tier", ["namespaces", "landlock"])
def test_everybody_has_a_row_and_the_neighbour_all_points(
    tier: str, user: str, runs: Runs
) -> None:
    results = runs(tier, user)
    assert set(results) == {attack.name for attack in ALL} | {"honest"}
    assert results["honest"]["score"] == 6
    assert was_cut_off(results["sleep"]["result"])  # the control of what is asked of the others


def read(ground: Ground, found: dict[str, Any]) -> tuple[object, ...]:
    """The outcomes of a grade; then all that its student can be given, but for the fingerprint of
    the secret: record, page, feedback in the notebook's place, every export, what CI shows; and
    what its staff can."""
    toml = course.load(ground.course / "grader.toml")
    assignment = toml.assignment("correlation")
    result = Result.model_validate(found["result"])
    environment = result.environment.model_copy(update={"seed": ""})
    handed_in = result.submission.model_copy(
        update={"submitted_at": datetime(2026, 3, 1, tzinfo=UTC)})  # else some exports say now
    grade = gradebook.grade(toml, result.model_copy(
        update={"environment": environment, "submission": handed_in, "seconds": 0}))
    seen = gradebook.for_student(grade)
    # How much a machine does in a second is no secret, and not the same twice.
    own = (Status.PASSED, Status.TIMEOUT, Status.CRASHED)
    outcomes = [(check.id, check.score, check.result.status in own and check.result.status)
                for question in seen.questions for check in question.checks]
    file = f"{seen.student}.py"
    source = (ground.submissions / file).read_text()
    ways = [seen.model_dump_json(), student_page(grade, assignment),
            str(with_feedback(opened({file: source.encode()}), grade, assignment)),
            summary([grade], {"correlation": assignment}),
            *map(str, annotate(grade, assignment, file, source)),
            *(each.render(grade, assignment) for each in FORMATS if isinstance(each, PerStudent))]
    decided = [check.decided for question in grade.result.questions for check in question.checks]
    return seen.score, outcomes, ways, decided


@pytest.mark.parametrize("against", ["grade", "anything"])
def test_what_a_student_reads_is_the_same_under_another_secret(
    ground: Ground, runs: Runs, monkeypatch: pytest.MonkeyPatch, against: str
) -> None:
    """But for outcomes and points: so those attacks are compared that got the same. It is written
    where no code of theirs runs: by what it is held, does not matter."""
    names = ["honest", *(each.name for each in ALL if against in (each.kind, "anything"))]
    for name in ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"):
        monkeypatch.setenv(name, "of Classroom 50's runner")
    user, secret = USERS[0], SECRETS["ordinary" if USERS[0] == "root" else "root"]

    def graded(run: str, secret: str, only: Collection[str]) -> dict[str, dict[str, Any]]:
        return grade(ground, "namespaces", user, secret, f"{run}-{against}", only, forked=True)

    def seen(found: dict[str, dict[str, Any]]) -> dict[str, tuple[object, ...]]:
        return {name: read(ground, found[name]) for name in names if name in found}

    first = seen(runs("namespaces", user))
    other = seen(runs("namespaces", USERS[-1]) if against == "anything" and len(USERS) > 1
                 else graded("other", secret, names))
    alike = {name for name in first if first[name][:2] == other[name][:2]}
    assert len(alike) > 0.9 * len(names)
    by_staff = {name for name in alike if first[name][3] != other[name][3]}
    assert len(by_staff) > 0.2 * len(names), "two secrets that ask the same prove nothing"
    differing = {name for name in alike if first[name][2] != other[name][2]}
    assert len(differing) < 0.1 * len(alike)  # all of them: the comparison sees what is no secret
    if differing:  # by the secret, and not by the user, nor by chance?
        other = seen(graded("another", secret, differing))
        again = seen(graded("again", SECRETS[user], differing))
        differing = {name for name in differing
                     if first[name][:3] == again[name][:3] != other[name][:3]}
    assert not differing


class Naive:
    """A grader without a boundary: a process for each submission, forked with torch imported."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._process = subprocess.Popen(
            [PYTHON, str(ATTACKS / "naive.py")], env=ground.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, text=True)

    def __call__(self, name: str, control: str, seconds: float = 60) -> tuple[int, str]:
        """The exit status, and what was printed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with tempfile.TemporaryDirectory() as scratch:
            request = control, str(self._ground.submissions / name), seconds, scratch
            print(json.dumps(request), file=self._process.stdin, flush=True)
            status = int(self._process.stdout.readline())
            with Path(scratch, "output").open(errors="replace") as output:
                return status, output.read(1 << 20)

    def close(self) -> None:
        with self._process:
            self._process.communicate()


@pytest.fixture(scope="session")
def naive(ground: Ground) -> Iterator[Naive]:
    with closing(Naive(ground)) as naive:
        yield naive


def answered_by_a_gullible_judge(path: Path, zygote: Zygote) -> bool:
    """Whether the attack gets the right answer where the judge answers whatever it is asked."""
    X, K = torch.arange(9.0).reshape(3, 3), torch.ones(2, 2)
    worker = zygote.spawn("none", Limits())
    worker.request(RunCell(0, path.read_text(), ("corr2d",)), seconds=10)
    reply = worker.request(
        CallFunction("corr2d", (X, K)), seconds=10,
        asked=lambda inquiry, seconds: X[:2, :2] + 1,
    )
    worker.stop()
    return isinstance(reply.answer, torch.Tensor) and reply.answer.equal(X[:2, :2] + 1)


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: f"{attack.kind}/{attack.name}")
def test_control_succeeds(
    attack: Attack, ground: Ground, runs: Runs, naive: Naive, zygote: Zygote
) -> None:
    if attack.control == "none":
        result = runs("none", USERS[0])[attack.name]
        assert succeeded(attack, result), printed(result)
        return
    if attack.control == "asked":
        assert answered_by_a_gullible_judge(ground.submissions / attack.path.name, zygote)
        return
    if attack.control == "row":
        started = time.monotonic()
        assert "NAIVE 4" in naive("honest.py", "naive")[1]
        patience = 0.5 + 10 * (time.monotonic() - started)
        _, said = naive(attack.path.name, attack.control, patience)
        assert "NAIVE" not in said, "a naive grader gives a row for it too"
        return
    status, said = naive(attack.path.name, attack.control)
    if attack.kind == "grade":
        assert status == 0, "a naive grader is not fooled"
    else:
        assert "BREACH" in said


def test_every_attack_stands_in_the_security_document() -> None:
    """`python tests/framework/attack_collection.py` writes the table."""
    assert documented() == table()
