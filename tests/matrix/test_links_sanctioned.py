"""Sharing is sanctioned only where every client concerned has signed a split that names it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.matrix.model import Instance, Responsibility
from nhiscan.matrix.signed import text_sha256
from nhiscan.records import AnyRecord, Credential, Grant, Trust
from tests.matrix.linked import SOURCE, Linked, does, instance
from tests.ownership.estate import ACCOUNTS, AT, identity_id, party

TOOL = f"arn:aws:iam::{ACCOUNTS['northwind']}:role/tool"
SHARED: Responsibility = "shared_msp_client/dependent"


def role(tenant: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNTS[tenant]}:role/{name}"


def entry(tenant: str, name: str = "entry", principal: str = TOOL) -> list[AnyRecord]:
    trust = Trust(
        identity=name,
        principal=principal,
        principal_kind="role",
        principal_account=ACCOUNTS["northwind"],
        principal_native_id=principal,
        guard="externalid",
        verdict="guarded",
        reason="",
        source=SOURCE,
    )
    made = does(
        name, "write", kind="role", native_type="aws.iam.role", native_id=role(tenant, name)
    )
    return [*made, trust]


def signed(tenant: str, *operators: str, by: str | None = None, **fields: Any) -> dict[str, Any]:
    one = instance(
        f"{tenant}/CC6.2/tool", "CC6.2", responsibility=SHARED,
        operated_by=[{"id": operator} for operator in operators],
    )  # fmt: skip
    covers = text_sha256(
        Instance(id="", criteria=[], statement=one["statement"], responsibility=SHARED)
    )
    signoff = {"by": by or f"cto@{tenant}.example", "at": "2026-01-05", "covers_sha256": covers}
    return one | {"signoff": signoff | fields}


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    made = Linked(tmp_path)
    made.parties = [
        party(f"cto.{tenant}", email=f"cto@{tenant}.example", org=f"client:{tenant}")
        for tenant in ("acme", "beta", "gamma")
    ]
    return made


def scan(estate: Linked, *tenants: str, **more: list[AnyRecord]) -> dict[str, bool]:
    """Scan a role of the MSP that the tenants let in; return whether each sharing is sanctioned."""
    tool = does("tool", "write", kind="role", native_type="aws.iam.role", native_id=TOOL)
    # a trust of an account's principal needs that principal's own policy too
    allowed = Grant(
        identity="tool", scope="*", role="step-out", action_class="iam", verdict="granted",
        via="inline", acts_as="*", source=SOURCE,
    )  # fmt: skip
    records = {"northwind": [*tool, allowed]} | {tenant: entry(tenant) for tenant in tenants}
    for tenant, found in more.items():
        records[tenant] = [*records.get(tenant, []), *found]
    estate.scan(records)
    return states(estate)


def states(estate: Linked) -> dict[str, bool]:
    return {row["level"]: row["sanctioned"] for row in estate.rows("SELECT * FROM shared")}


def test_signed_by_all_is_sanctioned(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", f"aws:{TOOL}"))

    assert scan(estate, "acme", "beta") == {"principal": True, "trust": True}


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2025-04-30"},  # a year is over
        {"expires": "2026-05-01"},
        {"covers_sha256": "0" * 64},
        {"at": "2026-05-02"},
        {"by": "cto@acme.example"},
        {"by": "nobody@beta.example"},
    ],
)
def test_one_signature_that_does_not_hold_is_enough(estate: Linked, change: dict[str, str]) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL, **change))

    assert scan(estate, "acme", "beta") == {"principal": False, "trust": False}


@pytest.mark.parametrize("employment", ["left", "unknown"])
def test_a_signer_who_is_not_there_signs_nothing(estate: Linked, employment: str) -> None:
    estate.parties[1] = party(
        "cto.beta", email="cto@beta.example", org="client:beta", employment=employment
    )
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL))

    assert scan(estate, "acme", "beta") == {"principal": False, "trust": False}


def test_a_client_without_a_matrix_sanctions_nothing(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL))

    assert scan(estate, "acme", "beta", "gamma") == {"principal": False, "trust": False}


def test_what_is_not_shared_or_names_something_else_sanctions_nothing(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL + "s"))

    assert scan(estate, "acme", "beta") == {"principal": False, "trust": False}

    estate.client("beta", signed("beta", TOOL) | {"responsibility": "msp"})
    estate.again(AT + timedelta(hours=1))

    assert states(estate) == {"principal": False, "trust": False}


def test_tenants_of_one_group_are_one_client(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL))

    assert scan(estate, "acme", "acme-labs", "beta") == {"principal": True, "trust": True}


def test_the_clients_own_role_covers_only_itself(estate: Linked) -> None:
    estate.client("acme", signed("acme", role("acme", "entry")))
    estate.client("beta", signed("beta", role("beta", "entry")))

    assert scan(estate, "acme", "beta") == {"principal": False, "trust": True}

    other = entry("beta", "other", TOOL.replace("tool", "second"))
    estate.scan({"beta": [*entry("beta"), *other]}, at=AT + timedelta(hours=1))

    assert states(estate)["trust"] is False


def test_the_partners_account_covers_all_that_trusts_it(estate: Linked) -> None:
    other = entry("beta", "other", TOOL.replace("tool", "second"))
    account = f"aws:{ACCOUNTS['northwind']}"
    estate.client("acme", signed("acme", account))
    estate.client("beta", signed("beta", account))

    assert scan(estate, "acme", "beta", beta=other) == {"principal": False, "trust": True}


def test_equal_credentials_are_never_sanctioned(estate: Linked) -> None:
    def key(tenant: str) -> list[AnyRecord]:
        credential = Credential(
            key="k", identity="entry", kind="access_key", fingerprint="f" * 64, status="active",
            source=SOURCE,
        )  # fmt: skip
        return [*does("entry", "write", native_id=role(tenant, "entry")), credential]

    for tenant in ("acme", "beta"):
        estate.client(tenant, signed(tenant, role(tenant, "entry")))
    estate.scan({"acme": key("acme"), "beta": key("beta")})

    assert states(estate) == {"credential": False}


def test_a_signature_runs_out_by_itself(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL, at="2025-06-01"))
    scan(estate, "acme", "beta")

    estate.again(datetime(2026, 5, 31, tzinfo=UTC))
    before = states(estate)
    estate.again(datetime(2026, 6, 1, tzinfo=UTC))

    assert (before["principal"], states(estate)["principal"]) == (True, False)


def test_beside_what_is_not_signed_for_single_roles_may_be(estate: Linked) -> None:
    """One tool is signed for by both clients that let it in; another of the account is not."""
    second = TOOL.replace("tool", "second")
    estate.client("acme", signed("acme", TOOL))
    estate.client("beta", signed("beta", TOOL))
    others = {
        "acme": entry("acme", "other", second),
        "gamma": entry("gamma", "other", second),
    }
    found = scan(estate, "acme", "beta", acme=others["acme"], gamma=others["gamma"])
    [trust] = estate.rows("SELECT * FROM shared WHERE level = 'trust'")

    assert found == {"principal": True, "trust": False}
    assert set(trust["signed_ids"]) == {identity_id("acme", "entry"), identity_id("beta", "entry")}
    assert len(trust["identity_ids"]) == 4


def test_a_role_is_not_signed_for_while_another_client_has_not(estate: Linked) -> None:
    estate.client("acme", signed("acme", TOOL))
    scan(estate, "acme", "beta")
    [trust] = estate.rows("SELECT * FROM shared WHERE level = 'trust'")

    assert trust["signed_ids"] == []
