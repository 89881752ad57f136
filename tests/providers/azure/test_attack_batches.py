"""Batches whose answers are missing, repeated, shuffled, or refuse one of many."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nhiscan.records import Claim, Grant
from nhiscan_sandbox.http import Reply, Request
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import HASTY, QUICK, Collected
from tests.providers.azure.hostile import hostile, inner, with_body

Collect = Callable[..., Collected]
Answer = dict[str, Any]

_ASSIGNED = "/appRoleAssignedTo"
_GRAPH_ERROR = {"error": {"code": "Authorization_RequestDenied", "message": "CANARY"}}


def told(found: Collected) -> list[bytes]:
    return sorted(msgspec.json.encode(row, order="deterministic") for row in found.rows)


def test_answers_that_are_missing_for_good_are_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    dropped: set[str] = set()

    def drop(answer: Answer, path: str) -> Answer | None:
        if _ASSIGNED in path and (not dropped or path in dropped):
            dropped.add(path)
            return None
        return answer

    with hostile(sandbox, tmp_path, inner(drop)) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.gaps() == {"graph.app_roles": "partial"}


def test_answers_that_come_late_twice_and_in_another_order_are_the_same(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()
    late: set[str] = set()

    def change(request: Request, reply: Reply) -> Reply:
        if "$batch" not in request.target or reply.status != 200:
            return reply
        answers = msgspec.json.decode(reply.body)["responses"]
        if request.target not in late and len(answers) > 2:
            late.add(request.target)
            answers = answers[:-1]
        mixed = [*reversed(answers), *answers, {"id": "999", "status": 200, "body": {}}]
        return with_body(reply, msgspec.json.encode({"responses": mixed}))

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=QUICK, **service.options)
    assert found.gaps() == {}
    assert told(found) == told(whole)


@pytest.mark.parametrize("status", [400, 403])
def test_one_that_is_refused_leaves_the_others(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, status: int
) -> None:
    whole = collect()
    refused: list[str] = []

    def refuse(answer: Answer, path: str) -> Answer:
        if _ASSIGNED not in path or refused not in ([], [path]):
            return answer
        refused[:] = [path]
        return answer | {"status": status, "body": _GRAPH_ERROR}

    with hostile(sandbox, tmp_path, inner(refuse)) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.gaps() == {"graph.app_roles": "partial"}
    assert "CANARY" not in str(found.coverage)
    held = {one.scope for one in whole.of(Grant) if one.via == "app role"}
    kept = {one.scope for one in found.of(Grant) if one.via == "app role"}
    assert len(held) > 1
    assert len(held - kept) <= 1


def test_an_owner_is_only_gone_where_graph_says_so(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    """A 404 of a proxy, or of a cloud without this path, is no proof that somebody left."""

    def change(request: Request, reply: Reply) -> Reply:
        batch = "$batch" in request.target
        if "/users/" in request.target or (batch and b"/users/" in request.body):
            if batch:
                return inner(lambda one, path: one | {"status": 404, "body": "not here"})(
                    request, reply
                )
            return Reply(404, {"Content-Type": "text/html"}, b"<html>not here</html>")
        if b"/users?" in request.body:
            return inner(lambda one, path: one | {"status": 400, "body": _GRAPH_ERROR})(
                request, reply
            )
        return reply

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.of(Claim)
    assert not [one for one in found.of(Claim) if "deleted" in one.evidence]
    assert "graph.people" in {
        one.source for one in found.coverage.values() if one.state != "complete"
    }


@pytest.mark.parametrize(
    "wait", ["36000", "²", "9" * 400, "-1", "Wed, 21 Oct 2099 07:28:00 GMT", 7]
)
def test_an_inner_wish_to_wait_for_hours_is_not_granted(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, wait: Any
) -> None:
    whole = collect()
    throttled: set[str] = set()

    def throttle(answer: Answer, path: str) -> Answer:
        if path in throttled:
            return answer
        throttled.add(path)
        return answer | {"status": 429, "headers": {"Retry-After": wait}, "body": None}

    with hostile(sandbox, tmp_path, inner(throttle)) as service:
        found = collect(patience=QUICK, **service.options)
    assert found.gaps() == {}
    assert told(found) == told(whole)


@pytest.mark.parametrize("wait", ["\u00b2", "Wed, 21 Oct 2099 07:28:00 +99999999999999999999"])
def test_an_outer_wish_that_cannot_be_read_is_none(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, wait: str
) -> None:
    done: list[str] = []

    def change(request: Request, reply: Reply) -> Reply:
        if "/v1.0/applications" in request.target and not done:
            done.append(request.target)
            return Reply(429, {"Retry-After": wait}, b"")
        return reply

    with hostile(sandbox, tmp_path, change) as service:
        assert collect(patience=QUICK, **service.options).gaps() == {}
    assert done


@pytest.mark.parametrize("body", [{"value": None}, {}, None, "text", []])
def test_an_inner_answer_that_is_no_list_is_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, body: Any
) -> None:
    def spoil(answer: Answer, path: str) -> Answer:
        return answer | {"body": body} if _ASSIGNED in path else answer

    with hostile(sandbox, tmp_path, inner(spoil)) as service:
        found = collect(patience=HASTY, **service.options)
    assert "graph.app_roles" in found.gaps()
