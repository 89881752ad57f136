"""Long lists: pages join, markers that expire begin the list anew, and nothing is read twice."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from nhiscan.provider import Context
from nhiscan.records import Coverage, Identity
from nhiscan_providers.aws import Aws
from nhiscan_providers.aws.options import Options
from nhiscan_sandbox.estate.model import Account, Estate, Role, User
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.aws.conftest import HASTY, NOW

BASE = "990000000001"
ACCOUNT = "990000000002"
READ = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
ENTER = [
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{BASE}:role/base"},
        "Action": "sts:AssumeRole",
    }
]


@pytest.fixture(scope="module")
def crowd() -> Iterator[Sandbox]:
    """An account of 2,300 users, so three pages of details and as many of policies' holders."""
    users = tuple(User(name=f"user-{n:04d}", policies=("ReadOnlyAccess",)) for n in range(2300))
    accounts = (
        Account(id=BASE, name="base", email="a@base.example", roles=(_role("base", []),)),
        Account(
            id=ACCOUNT,
            name="crowd",
            email="a@crowd.example",
            users=users,
            roles=(_role("nhiscan", ENTER),),
        ),
    )
    estate = Estate(base_role=f"arn:aws:iam::{BASE}:role/base", accounts=accounts)
    with Sandbox(estate, now=NOW, frozen=True) as running:
        yield running


def _role(name: str, trust: list[dict[str, Any]]) -> Role:
    return Role(name=name, trust=trust, inline={"all": READ})


def _collect(sandbox: Sandbox, *faults: Fault) -> tuple[list[Any], Coverage]:
    options = Options(
        role_arn=f"arn:aws:iam::{ACCOUNT}:role/nhiscan",
        endpoint=sandbox.url,
        regions=("us-east-1",),
        creators_pages=0,
    )
    context = Context(now=NOW, tenant_id="crowd", progress=lambda text: None)
    sandbox.faults.set(faults)
    sandbox.log.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.environment.items():
            patch.setenv(name, value)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        adapter = Aws(HASTY)
        (unit,) = adapter.plan(options, context).units
        rows = list(adapter.collect(options, unit, context))
    details = [
        row
        for row in rows
        if isinstance(row, Coverage) and row.source == "iam.authorization_details"
    ]
    return [row for row in rows if isinstance(row, Identity)], details[0]


def test_pages_join_in_few_calls(crowd: Sandbox) -> None:
    identities, row = _collect(crowd)
    assert len({one.key for one in identities if one.kind == "user"}) == 2300
    assert (row.state, row.calls) == ("complete", 3)
    # 16 whatever the size, and 3 of the 2,300 who may read everything, Git repositories included
    assert len(crowd.log) <= 19
    # attached to users of the first page, listed on the last
    assert {one.privilege for one in identities if one.kind == "user"} == {"read"}


def test_an_expired_marker_begins_the_list_anew(crowd: Sandbox) -> None:
    undisturbed, _ = _collect(crowd)
    expired = Fault(kind="bad_marker", operation="GetAccountAuthorizationDetails", nth=(2,))
    identities, row = _collect(crowd, expired)
    assert identities == undisturbed
    assert max(Counter(one.key for one in identities).values()) == 1
    assert (row.state, row.calls) == ("complete", 6)


def test_a_marker_that_always_expires_is_partial(crowd: Sandbox) -> None:
    expired = Fault(kind="bad_marker", operation="GetAccountAuthorizationDetails")
    identities, row = _collect(crowd, expired)
    assert [one for one in identities if one.kind == "user"] == []
    assert row.state == "partial"
    assert "its marker expired each time" in (row.reason or "")


def test_a_list_cut_off_yields_only_what_is_fully_known(crowd: Sandbox) -> None:
    refused = Fault(kind="denied", operation="GetAccountAuthorizationDetails", nth=(2,))
    identities, row = _collect(crowd, refused)
    assert row.state == "partial"
    assert "after page 1" in (row.reason or "")
    # the policy that the first thousand users hold was on no page that was read
    assert [one for one in identities if one.kind == "user"] == []
