"""The API does what its description says, whatever is sent: schemathesis asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from doors import a_door, graded, hand_in, visitor
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from autograder.store.keys import KeyScope
from autograder.web.door import Door

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance,
          response_schema_conformance]
THERE: dict[str, Any] = {"name": "correlation", "number": 1}  # what paths name
EXAMPLES = 8 * int(os.environ.get("FUZZ", "1"))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One at which Ann has a result."""
    with a_door(tmp_path_factory.mktemp("course")) as door:
        arrival = door.opened.store.arrivals.find(hand_in(visitor(door, "ann")))
        assert arrival is not None
        graded(door.opened.course, door.opened.store, arrival)
        yield door


def operations(door: Door) -> Iterator[APIOperation]:
    schema = schemathesis.openapi.from_url(f"{door.url}/api/openapi.json")
    return (each.ok() for each in schema.get_all_operations())


def test_a_body_that_is_no_form_is_refused_as_described(door: Door) -> None:
    for who, name, status in ((None, "correlation", 401), (None, "%9C+", 401), ("ann", "%9C+", 404),
                              ("ann", "correlation", 422)):
        answer = visitor(door, who, scope=KeyScope.SUBMIT).post(
            f"/api/assignments/{name}/handins", content=b"--b\r\n1759466--b--\r\n",
            headers={"content-type": "multipart/form-data; boundary=b"})
        assert (answer.status_code, "reason" in answer.json()) == (status, True), name


@pytest.mark.fuzz
@pytest.mark.parametrize("who", [None, "ann"])
@pytest.mark.parametrize(("mode", "there"), [
    (GenerationMode.POSITIVE, {}), (GenerationMode.POSITIVE, THERE), (GenerationMode.NEGATIVE, {})])
def test_whatever_is_sent_the_answer_is_as_described(
    who: str | None, mode: GenerationMode, there: dict[str, Any], door: Door
) -> None:
    headers = visitor(door, who, scope=KeyScope.SUBMIT).headers
    statuses: set[int] = set()
    for operation in operations(door):
        names = {name: value for name, value in there.items() if f"{{{name}}}" in operation.path}
        given_places = {"path_parameters": names} if names else {}

        @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None,
                  suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(mode, **given_places))
        def holds(case: Case) -> None:
            answer = case.call_and_validate(
                headers={"authorization": headers.get("authorization", "")}, checks=CHECKS,
                timeout=60)
            statuses.add(answer.status_code)

        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked for
            holds()
    assert 401 in statuses if who is None else not there or statuses >= {200, 422}
