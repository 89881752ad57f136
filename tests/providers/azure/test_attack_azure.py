"""Resource Manager: one subscription of several that fails, delegated ones, conditions, repeats."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from nhiscan.records import Account, Grant, Identity
from nhiscan_sandbox.http import Reply, Request
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, HASTY, NORTHWIND, Collected
from tests.providers.azure.hostile import hostile, only, with_body

Collect = Callable[..., Collected]

SUBSCRIPTIONS = "/subscriptions?api-version"
_GONE = {"error": {"code": "SubscriptionNotFound", "message": "CANARY"}}


def own(found: Collected) -> list[str]:
    return [one.native_id for one in found.of(Account) if one.native_id != ACME]


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("/roleEligibilityScheduleInstances", "arm.eligible_roles"),
        ("/denyAssignments", "arm.deny_assignments"),
    ],
)
def test_one_subscription_that_is_gone_hides_no_other(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, part: str, source: str
) -> None:
    whole = collect()
    gone = "91000000-0000-4000-8000-000000000199"

    def longer(body: Any) -> Any:
        return {"value": [body["value"][0] | {"subscriptionId": gone}, *body["value"]]}

    def change(request: Request, reply: Reply) -> Reply:
        if part in request.target and gone in request.target:
            return Reply(404, {"Content-Type": "application/json"}, msgspec.json.encode(_GONE))
        return only(SUBSCRIPTIONS, longer)(request, reply)

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    asked = [one for one in service.asked if part in one and "/v1.0/" not in one]
    assert len({one.partition("?")[0] for one in asked}) == len(own(whole)) + 1
    assert found.gaps()[source] == "partial"


def test_one_automation_account_that_is_gone_makes_the_others_no_whole(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    gone: list[str] = []

    def change(request: Request, reply: Reply) -> Reply:
        if "/certificates?" not in request.target or gone:
            return reply
        gone.append(request.target)
        return Reply(404, {"Content-Type": "application/json"}, msgspec.json.encode(_GONE))

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert gone
    assert found.gaps() == {"arm.automation": "partial"}


def test_delegated_subscriptions_are_no_accounts_and_repeats_count_once(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def more(body: Any) -> Any:
        first = body["value"][0]
        foreign = first | {
            "subscriptionId": "99000000-0000-4000-8000-000000000101",
            "tenantId": NORTHWIND.upper(),
        }
        again = first | {"subscriptionId": first["subscriptionId"].upper()}
        return body | {"value": [*body["value"], foreign, again]}

    with hostile(sandbox, tmp_path, only(SUBSCRIPTIONS, more)) as service:
        found = collect(patience=HASTY, **service.options)
    assert sorted(own(found)) == sorted(own(whole))
    assert "1 more are delegated" in (found.coverage["arm.subscriptions"].reason or "")


def _table(name: str, made: Callable[[list[Any]], list[Any]]) -> Callable[..., Reply]:
    def change(request: Request, reply: Reply) -> Reply:
        if name.encode() not in request.body or reply.status != 200:
            return reply
        body = msgspec.json.decode(reply.body)
        return with_body(reply, msgspec.json.encode(body | {"data": made(body["data"])}))

    return change


def test_an_assignment_without_a_scope_is_no_assignment_of_the_root(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    def bare(rows: list[Any]) -> list[Any]:
        kept = []
        for row in rows:
            told = row.get("properties") or {}
            kept.append(row | {"properties": {k: v for k, v in told.items() if k != "scope"}})
        return kept

    with hostile(sandbox, tmp_path, _table("authorizationresources", bare)) as service:
        found = collect(patience=HASTY, **service.options)
    scopes = {one.scope for one in found.of(Grant) if one.source == "arm.role_assignments"}
    whole = {one.scope for one in collect().of(Grant) if one.source == "arm.role_assignments"}
    assert scopes == whole


def test_rows_in_upper_case_twice_are_the_same_estate(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def shout(request: Request, reply: Reply) -> Reply:
        if "ResourceGraph" not in unquote(request.target) or reply.status != 200:
            return reply
        body = msgspec.json.decode(reply.body)
        loud = [row | {"id": str(row["id"]).upper()} for row in body["data"]]
        return with_body(reply, msgspec.json.encode(body | {"data": [*body["data"], *loud]}))

    with hostile(sandbox, tmp_path, shout) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.gaps() == {}
    keys = [one.key for one in found.of(Identity)]
    assert sorted(keys) == sorted(one.key for one in whole.of(Identity))


def test_an_assignment_that_says_nothing_is_asked_of_its_subscription(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def empty(rows: list[Any]) -> list[Any]:
        return [row | {"properties": None} for row in rows]

    with hostile(sandbox, tmp_path, _table("authorizationresources", empty)) as service:
        found = collect(patience=HASTY, **service.options)
    assert [one for one in service.asked if "/roleAssignments" in one and "/v1.0/" not in one]
    assert found.gaps() == {}
    granted = {(one.identity, one.scope, one.role) for one in whole.of(Grant)}
    assert {(one.identity, one.scope, one.role) for one in found.of(Grant)} == granted
