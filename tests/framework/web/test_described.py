"""The API does what its description says, whatever is sent: schemathesis asks.

It is imported by who runs these tests; all processes read this file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from doors import a_door, graded, hand_in, visitor
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from autograder.store.keys import KeyScope
from autograder.web.door import Door

if TYPE_CHECKING:
    from schemathesis import APIOperation, Case

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
    import schemathesis

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
    ("positive", {}), ("positive", THERE), ("negative", {})])
def test_whatever_is_sent_the_answer_is_as_described(
    who: str | None, mode: str, there: dict[str, Any], door: Door
) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    asked = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
             checks.response_schema_conformance]
    headers = visitor(door, who, scope=KeyScope.SUBMIT).headers
    statuses: set[int] = set()
    for operation in operations(door):
        names = {name: value for name, value in there.items() if f"{{{name}}}" in operation.path}
        given_places = {"path_parameters": names} if names else {}

        @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None,
                  suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(GenerationMode(mode), **given_places))
        def holds(case: Case) -> None:
            answer = case.call_and_validate(
                headers={"authorization": headers.get("authorization", "")}, checks=asked,
                timeout=60)
            statuses.add(answer.status_code)

        with suppress(Unsatisfiable):  # nothing can be wrong where nothing is asked for
            holds()
    assert 401 in statuses if who is None else not there or statuses >= {200, 422}
