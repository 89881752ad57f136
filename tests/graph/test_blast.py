"""`nhiscan blast`: control instances and clients that an identity carries."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nhiscan.records import AnyRecord
from tests.graph.test_become import power
from tests.graph.test_path_command import nhiscan
from tests.graph.test_reach import may_assume
from tests.graph.test_relations import of_role
from tests.matrix.linked import Linked, does, instance
from tests.ownership.estate import ACCOUNTS, Estate, identity_id

APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def arn(tenant: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNTS[tenant]}:role/{name}"


def operator(tenant: str, name: str, **fields: Any) -> list[AnyRecord]:
    """A role that may do backups and was seen at it."""
    values: dict[str, Any] = {"kind": "role", "native_type": "aws.iam.role"}
    values["native_id"] = arn(tenant, name)
    role = "AWSBackupOperatorAccess"
    return does(name, "backup", role=role, used=APRIL, service="backup", **values | fields)


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    return Linked(tmp_path)


def blast(estate: Estate, name: str) -> dict[str | None, dict[str, Any]]:
    done = nhiscan(estate, "blast", name, "--format", "json")
    assert done.returncode == 0, done.stderr
    return {row["instance_id"] or row["tenant_id"]: row for row in json.loads(done.stdout)}


def test_what_it_operates_alone_stops(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": operator("acme", "keeper")})
    [row] = blast(estate, "keeper").values()
    assert (row["how"], row["instance_id"], row["grade"]) == ("itself", "acme/backup", "operates")
    assert row["if_revoked"] == "stops: nothing else is known to operate it"
    page = nhiscan(estate, "blast", "keeper").stdout
    assert "By itself: 1 control instance, 1 client" in page
    assert "By acting as others: 0 control instances, 0 clients" in page


def test_what_others_operate_too_only_loses_part_of_its_proof(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": operator("acme", "keeper") + operator("acme", "second")})
    assert blast(estate, "keeper")["acme/backup"]["if_revoked"].endswith(": 1 more operate it")


def test_what_it_may_change_but_was_not_seen_at_may_lose_proof(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup", role="AWSBackupOperatorAccess")})
    row = blast(estate, "keeper")["acme/backup"]
    assert row["grade"] == "can_change"
    assert row["if_revoked"].startswith("may lose proof")


def test_it_carries_what_it_can_act_as_and_apart_from_that_what_it_could_become(
    estate: Linked,
) -> None:
    for tenant in ("acme", "beta"):
        estate.client(tenant, instance(f"{tenant}/backup", "A1.2"))
    key = power("bot", arn("beta", "far"), "changed_trust", scope_account=ACCOUNTS["beta"])
    msp = [*does("bot", "read", kind="role", native_id=arn("northwind", "bot")), key]
    estate.scan(
        {
            "northwind": [*msp, may_assume("bot", "*")],
            "acme": [*operator("acme", "keeper"), of_role("keeper", "northwind", "bot")],
            "beta": operator("beta", "far"),
            "gamma": [
                *does("idle", "read", kind="role", native_id=arn("gamma", "idle")),
                of_role("idle", "northwind", "bot"),
            ],
        }
    )
    found = blast(estate, "bot")
    assert {key: (row["how"], row["hops"]) for key, row in found.items()} == {
        "acme/backup": ("acts_as", 1),
        "beta/backup": ("can_become", 1),
        "gamma": ("acts_as", 1),
    }
    assert found["acme/backup"]["through_id"] == identity_id("acme", "keeper")
    assert (
        found["gamma"]["if_compromised"]
        == "is reached; no control instance there is linked to it so"
    )


def test_a_client_stays_listed_though_more_could_be_had_there(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    admin = does("admin", "read", kind="role", native_id=arn("acme", "admin"))
    bot = does("bot", "read", kind="role", native_id=arn("northwind", "bot"))
    estate.scan(
        {
            "northwind": [*bot, may_assume("bot", "*")],
            "acme": [
                *admin,
                of_role("admin", "northwind", "bot"),
                power("admin", "*", "changed_trust"),
                *operator("acme", "keeper"),
            ],
        }
    )
    found = blast(estate, "bot")
    assert {key: row["how"] for key, row in found.items()} == {
        "acme": "acts_as",
        "acme/backup": "can_become",
    }


def test_what_was_not_read_and_a_matrix_that_is_not_there_are_told(estate: Linked) -> None:
    estate.scan(
        {"acme": operator("acme", "keeper")}, unread={"iam.authorization_details": "partial"}
    )
    done = nhiscan(estate, "blast", "keeper")
    assert "no control instance is known" in done.stderr
    assert "iam.authorization_details (global): partial" in done.stderr


def test_an_unknown_identity_exits_2(estate: Linked) -> None:
    estate.scan({"acme": operator("acme", "keeper")})
    done = nhiscan(estate, "blast", "keepr")
    assert done.returncode == 2
    assert "did you mean keeper?" in done.stderr
