"""Power that a control needs, power over its proof, and who checks whom, case by case."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nhiscan.store.revision import Revision
from tests.queries import estate
from tests.queries.conclusions import relation
from tests.queries.conftest import Rows, asker
from tests.queries.test_borders import acme, verdicts

Make = Callable[..., Path]
STOP = ["cloudtrail:StopLogging"]


def instance(instance_id: str, *criteria: str, **fields: Any) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "tenant_id": instance_id.partition("/")[0],
        "criteria": criteria,
        "responsibility": "msp",
        "period_start": "2026-01-01",
        "period_end": "2027-01-01",
        "file": "clients/acme.yaml",
        "line": 3,
        **fields,
    }


def link(instance_id: str, name: str, **fields: Any) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "identity_id": estate.identity_id("acme", estate.ACME, name),
        "tenant_id": instance_id.partition("/")[0],
        "identity_tenant_id": "acme",
        "basis": ["explicit"],
        "confidence": 1.0,
        "grade": "operates",
        "state": "linked",
        "unread": [],
        **fields,
    }


def matrix(instances: Rows, links: Rows, custody: Rows | None = None) -> Callable[..., Any]:
    """Give what the matrix would say, for `make`."""
    tables = {"control_instance": instances, "control_link": links, "custody": custody or []}
    return lambda revision: tables


CHANGES, BACKUP = instance("acme/changes", "CC8.1"), instance("acme/backup", "A1.2")


@pytest.mark.parametrize(
    ("linked", "found"),
    [
        ([], True),
        ([link("acme/changes", "bot")], False),
        ([link("acme/changes", "bot", state="confirmed", grade="can_change")], False),
        # a backup needs no administrator, a suggestion is none, and reading needs no power
        ([link("acme/backup", "bot")], True),
        ([link("acme/changes", "bot", state="suggested")], True),
        ([link("acme/changes", "bot", state="rejected")], True),
        ([link("acme/changes", "bot", grade="reads")], True),
    ],
)
def test_an_administrator_that_no_control_needs(
    linked: Rows, found: bool, tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("bot", privilege="admin")
    unit.identity("writer", privilege="write")

    store = make(tmp_path, [unit], also=matrix([CHANGES, BACKUP], linked))
    rows = asker(store)("admin-capable")

    assert verdicts(rows) == ({"bot": "open"} if found else {})


def prover(**fields: Any) -> estate.Unit:
    unit = acme()
    unit.identity("bot", privilege="write")
    unit.grant("bot", "trails", "inline", **{"action_class": "log", "actions": STOP, **fields})
    return unit


def altering(tmp_path: Path, make: Make, unit: estate.Unit, linked: Rows) -> Rows:
    monitoring = instance("acme/monitoring", "CC7.2")
    abroad = instance("beta/changes", "CC8.1")
    also = matrix([CHANGES, monitoring, abroad], linked)
    return asker(make(tmp_path, [unit], also=also))("alters-its-own-proof")


@pytest.mark.parametrize(
    ("linked", "found"),
    [
        ([link("acme/changes", "bot")], True),
        ([link("acme/monitoring", "bot", grade="can_change")], True),
        # it proves nothing of itself there, or nothing is known to be its own
        ([link("acme/changes", "bot", grade="can_change")], False),
        ([link("acme/changes", "bot", state="suggested")], False),
        ([link("acme/monitoring", "bot", grade="reads")], False),
        ([link("beta/changes", "bot")], False),
        ([], False),
    ],
)
def test_power_over_logs_of_its_own_control(
    linked: Rows, found: bool, tmp_path: Path, make: Make
) -> None:
    rows = altering(tmp_path, make, prover(), linked)

    assert verdicts(rows) == ({"bot": "open"} if found else {})
    for row in rows:
        assert row["paths"] == ["cloudtrail:StopLogging on /, by trails (inline)"]
        assert row["instance_id"] == linked[0]["instance_id"]


@pytest.mark.parametrize(
    ("grant", "verdict"),
    [
        ({"verdict": "scoped"}, "open"),
        ({"verdict": "unknown"}, "unknown"),
        ({"verdict": "denied"}, None),
        ({"action_class": "backup"}, None),
        ({"role": "AuditLog.Read.All", "actions": []}, None),
        ({"role": "Reports Reader", "actions": []}, None),
        ({"role": "roles/logging.logWriter", "actions": []}, None),
        ({"role": "roles/logging.admin", "actions": []}, "open"),
        ({"actions": ["cloudwatch:DeleteAlarms"]}, None),
    ],
)
def test_what_counts_as_power_over_logs(
    grant: dict[str, Any], verdict: str | None, tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("bot", privilege="write")
    fields = {"role": "trails", "action_class": "log", "actions": STOP, **grant}
    unit.grant("bot", via="inline", **fields)

    rows = altering(tmp_path, make, unit, [link("acme/changes", "bot")])

    assert verdicts(rows) == ({"bot": verdict} if verdict else {})


def test_the_way_by_another_identity_is_told(tmp_path: Path, make: Make) -> None:
    unit = acme()
    for name in ("bot", "admin", "logs"):
        unit.identity(name, "role")
    unit.grant("logs", "trails", "inline", action_class="log", actions=STOP)
    arn = f"arn:aws:iam::{estate.ACME}:role/bot"
    unit.trust(
        "logs", arn, "role", verdict="guarded", principal_account=estate.ACME,
        principal_native_id=arn,
    )  # fmt: skip

    def also(revision: Revision) -> dict[str, Rows]:
        bot = estate.identity_id("acme", estate.ACME, "bot")
        fields: dict[str, Any] = {
            "principal_identity_id": bot,
            "principal_account_id": f"aws:{estate.ACME}",
        }
        return {
            "trust_relation": [relation(revision, "logs", "same_account", **fields)],
            "control_instance": [CHANGES],
            "control_link": [link("acme/changes", "bot")],
        }

    rows = asker(make(tmp_path, [unit], also=also))("alters-its-own-proof")

    assert verdicts(rows) == {"bot": "open"}
    assert rows[0]["title"] == "bot could come to alter the logs that prove its control"
    assert rows[0]["paths"] == [
        "it may act as logs: cloudtrail:StopLogging on /, by trails (inline)"
    ]


def test_power_over_proof_is_unknown_where_grants_were_not_read(tmp_path: Path, make: Make) -> None:
    store = make(tmp_path, [prover()], {estate.DETAILS})
    rows = asker(store)("alters-its-own-proof")

    assert {row["verdict"] for row in rows} == {"unknown"}
    assert all(row["unread"] for row in rows)


def checked(tmp_path: Path, make: Make, made: Any, linked: Rows, custody: Rows) -> Rows:
    unit = acme()
    unit.identity("bot")
    unit.identity("guess", owner="inferred")
    unit.owners["guess"]["owner_id"] = "dana"
    store = make(tmp_path, [unit], also=matrix([made], linked, custody))
    return asker(store)("operator-reviews-itself")


def kept(custodian: str, oversight: str, **fields: Any) -> dict[str, Any]:
    return {
        "instance_id": "acme/x",
        "tenant_id": "acme",
        "position": 0,
        "custodian_org": "msp",
        "custodian_id": custodian,
        "oversight_id": oversight,
        "period_start": "2026-01-01",
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "linked", "custody", "conflict"),
    [
        ({"accountable_id": "dana", "approver_id": "lea"}, [], [], None),
        (
            {"accountable_id": "dana", "approver_id": "dana"},
            [],
            [],
            "dana is accountable for it and approves it",
        ),
        # the identity that operates it is dana's
        (
            {"accountable_id": "lea", "approver_id": "dana"},
            [link("acme/x", "bot")],
            [],
            "dana owns bot, which operates it and approves it",
        ),
        ({"approver_id": "dana"}, [link("acme/x", "bot", grade="reads")], [], None),
        ({"approver_id": "dana"}, [link("acme/x", "bot", state="suggested")], [], None),
        ({"approver_id": "dana"}, [link("acme/x", "guess")], [], None),
        ({}, [], [kept("dana", "dana")], "dana keeps its evidence and oversees its evidence"),
        ({}, [], [kept("dana", "lea")], None),
        ({}, [], [kept("dana", "dana", period_end="2026-11-01")], None),
        ({"accountable_id": "dana", "approver_id": "dana", "responsibility": "n/a"}, [], [], None),
        (
            {"accountable_id": "dana", "approver_id": "dana", "period_end": "2026-11-01"},
            [],
            [],
            None,
        ),
    ],
)
def test_who_operates_a_control_does_not_check_it(
    fields: dict[str, Any],
    linked: Rows,
    custody: Rows,
    conflict: str | None,
    tmp_path: Path,
    make: Make,
) -> None:
    rows = checked(tmp_path, make, instance("acme/x", "CC6.2", **fields), linked, custody)

    assert [row["conflicts"] for row in rows] == ([[conflict]] if conflict else [])
    for row in rows:
        assert (row["subject"], row["file"], row["line"]) == ("acme/x", "clients/acme.yaml", 3)
