"""The doctor reports what really held when it was attacked, and nothing it has not tried."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import warm

from autograder import doctor
from autograder.course import TIERS
from autograder.doctor import Examination, Finding
from autograder.sandbox.client import Zygote


@pytest.fixture(scope="module")
def examined() -> dict[str, Examination]:
    return {each.tier: each for each in doctor.examine()}


def test_every_tier_is_examined_strongest_first(examined: dict[str, Examination]) -> None:
    assert tuple(examined) == TIERS


def test_without_a_sandbox_the_attacks_succeed(examined: dict[str, Examination]) -> None:
    """The control: probes that fail everywhere would prove nothing."""
    held = {finding.promise for finding in examined["none"].findings if finding.held}
    assert held <= {"memory is limited", "disk use is limited", "a hang is ended"}


@pytest.mark.parametrize("tier", ["namespaces", "landlock"])
def test_what_a_tier_promises_holds(tier: str, examined: dict[str, Examination]) -> None:
    examination = examined[tier]
    if not examination.available:
        pytest.skip(f"this machine gives no {tier}: {examination.why}")
    assert [f.promise for f in examination.findings if f.promised and not f.held] == []
    assert sum(finding.promised for finding in examination.findings) >= 14


def test_only_namespaces_hide_what_files_there_are(examined: dict[str, Examination]) -> None:
    """What landlock does not promise, it does not give either: the probe can tell."""
    if not examined["landlock"].available:
        pytest.skip(f"this machine gives no landlock: {examined['landlock'].why}")
    [finding] = [f for f in examined["landlock"].findings if not f.promised]
    assert not finding.held


def test_the_best_tier_is_the_strongest_that_kept_every_promise() -> None:
    kept, broken = Finding("p", held=True, promised=True), Finding("q", held=False, promised=True)
    beyond = Finding("r", held=False, promised=False)
    assert doctor.best([Examination("namespaces", True, "", (kept, broken)),
                        Examination("landlock", True, "", (kept, beyond)),
                        Examination("none", True, "", ())]) == "landlock"
    assert doctor.best([Examination("namespaces", False, "no", ()),
                        Examination("landlock", False, "no", ()),
                        Examination("none", True, "", (kept,))]) == "none"


def test_the_worker_of_a_gpu_is_attacked_even_where_there_is_none(
    examined: dict[str, Examination]
) -> None:
    found = doctor.examine_device()
    if not examined["namespaces"].available:
        assert found.lacking and not found.findings
        return
    assert [finding.promise for finding in found.findings if not finding.held] == []
    assert len(found.findings) > len(doctor.PROBES)
    assert bool(found.lacking) == (found.name == "rehearsal")


def test_what_the_worker_of_a_gpu_may_do_is_more_than_others(
    examined: dict[str, Examination], zygote: Zygote, tmp_path: Path
) -> None:
    """The control: without any layer each of the promises that are its own is broken."""
    own = doctor.DEVICE_PROBES[len(doctor.PROBES):]
    nodes = "node = os.open('/dev/' + name, os.O_RDWR)"
    for probe in own:
        bare = replace(probe, code=probe.code.replace(nodes, "node = os.open('/dev/full', 2)"))
        assert not doctor._holds(zygote, "none", bare, {"node": "nvidia0"}), probe.promise


def test_the_verb_prints_json_for_programs_and_exits_1_below_what_is_required(
    examined: dict[str, Examination], tmp_path: Path
) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return warm.autograder("doctor", *options, cwd=tmp_path)

    best = doctor.best(list(examined.values()))
    told = run("--json", "--require", best)
    assert told.returncode == 0
    found = json.loads(told.stdout)
    assert best in json.dumps(found)
    assert found["device"]["name"] and found["machine"]["cgroups"]
    stronger = TIERS[: TIERS.index(best)]
    for tier in stronger:
        assert run("--require", tier).returncode == 1


def test_in_a_container_that_maps_one_user_the_best_tier_stays_the_best(
    examined: dict[str, Examination], tmp_path: Path
) -> None:
    """Root there cannot become anybody else, and is an ordinary user outside."""
    told = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-P", "-m", "autograder", "doctor",
         "--require", doctor.best(list(examined.values()))],
        capture_output=True, text=True, cwd=tmp_path, check=False)
    if told.stderr.startswith("unshare:"):
        pytest.skip(f"no user namespace can be made here: {told.stderr.strip()}")
    assert told.returncode == 0, told.stdout
