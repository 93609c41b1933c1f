"""The files for containers, clusters and pipelines hold what the documents say of them.

No engine runs here: these rules are read off the parsed files. hadolint and kubernetes-validate
know more of them; docs/container.md says how to ask these.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from labs import REPOSITORY

CONTAINERFILE = (REPOSITORY / "deploy/Containerfile").read_text(encoding="utf-8")
KUBERNETES = (REPOSITORY / "deploy/kubernetes.yaml").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Containerfile and its words, on one line."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(name, " ".join(rest.split())) for name, _, rest in
            (line.partition(" ") for line in text.splitlines() if line.strip())]


def of(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_whoever_builds_the_image_says_on_which_digest() -> None:
    """A default would be built on by those who never looked."""
    assert of("ARG") == ["BASE", "TORCH_INDEX"]
    assert {each.split()[0] for each in of("FROM")} == {"${BASE}"}


def test_every_package_in_the_image_is_held_to_its_hash() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    wheel = f"nbjudge-{version}-py3-none-any.whl"
    installed = [command for line in of("RUN") for command in line.split("&&")
                 if "pip install" in command]
    assert len(installed) == 2
    for command in installed:
        assert "--no-deps" in command
        assert "--require-hashes" in command or ("--no-index" in command and wheel in command)
    assert any(wheel in each for each in of("COPY"))
    assert of("ADD") == []


def test_the_image_runs_as_nobody_and_starts_no_shell() -> None:
    last = [name for name, _ in instructions()].index("USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", of("USER")[0]), "a name could be root's"
    assert not {"RUN", "COPY"} & {name for name, _ in instructions()[last:]}
    for each in (*of("ENTRYPOINT"), *of("CMD")):
        assert isinstance(yaml.safe_load(each), list), "a text would be given to a shell"
    assert "PYTHONSAFEPATH=1" in of("ENV")[0]


def documents() -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(KUBERNETES) if each]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for each in documents():
        if "template" in each["spec"]:
            yield each["metadata"]["name"], each["spec"]["template"]


PODS = dict(pods())


@pytest.mark.parametrize("name", PODS)
def test_a_pod_can_do_nothing_but_grade(name: str) -> None:
    pod = PODS[name]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f"{pod['securityContext']['runAsUser']}:" in of("USER")[0]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all("hostPath" not in volume for volume in pod["volumes"])
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]}}
        assert re.search(r"@sha256:[0-9a-f]{64}$", container["image"])
        assert {"cpu", "memory"} == set(container["resources"]["limits"])
        assert "sh" not in (container.get("command") or [""])[0].rpartition("/")[2].split()
        writable = {mount["mountPath"] for mount in container["volumeMounts"]}
        assert "/tmp" in writable


def test_nobody_but_our_pods_reaches_our_pods() -> None:
    [policy] = [each["spec"] for each in documents() if each["kind"] == "NetworkPolicy"]
    [selected] = policy["podSelector"]["matchExpressions"]
    labels = {pod["metadata"]["labels"]["app"] for pod in PODS.values()}
    assert set(selected["values"]) == labels == {"autograder-scheduler", "autograder-worker",
                                                 "autograder-grade"}
    assert policy["ingress"] == [{"from": [{"podSelector": policy["podSelector"]}]}]


def test_actions_are_pinned_by_commit() -> None:
    used = [line.strip() for file in (REPOSITORY / "docs/ci").glob("*.yml")
            for line in file.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert len(used) >= 5
    assert [line for line in used
            if not re.search(r"uses: [\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", line)] == []


COMPOSE = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text(encoding="utf-8"))


def test_of_the_containers_of_a_door_one_is_reached_and_none_can_do_more_than_it_has_to() -> None:
    services: dict[str, dict[str, Any]] = COMPOSE["services"]
    assert {name for name, each in services.items() if "ports" in each} == {"door"}
    assert all(port.startswith("127.0.0.1:") for port in services["door"]["ports"])
    assert COMPOSE["networks"]["within"] == {"internal": True}
    for name, each in services.items():
        assert re.search(r"@sha256:[0-9a-f]{64}$", each["image"])
        assert each["cap_drop"] == ["ALL"] and each["security_opt"] == ["no-new-privileges"]
        assert "mem_limit" in each
        if name != "database":
            assert each["read_only"] and f"{each['user']}" == of("USER")[0]
            assert all(value.startswith("${") for value in each["environment"].values())


def test_the_unit_of_a_door_bounds_it_and_leaves_workers_what_they_need() -> None:
    text = (REPOSITORY / "deploy/autograder.service").read_text(encoding="utf-8")
    unit = dict(line.split("=", 1) for line in text.splitlines()
                if "=" in line and not line.startswith("#"))
    assert {unit[each] for each in ("NoNewPrivileges", "ProtectSystem", "Delegate", "PrivateTmp")} \
        == {"yes", "strict"}
    assert unit["CapabilityBoundingSet"] == "" and "MemoryMax" in unit
    assert unit["ExecStart"].split()[0] == of("ENTRYPOINT")[0].strip('["]')
    # The kernel gives a namespace its own /proc only where all of ours is seen.
    assert not {"RestrictNamespaces", "ProtectProc", "ProcSubset", "ProtectKernelTunables",
                "ProtectKernelLogs", "ProtectControlGroups"} & unit.keys()
