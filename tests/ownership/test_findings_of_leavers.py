"""Findings follow their owners: nobody who has left is told to mend what they left behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nhiscan.findings.evaluate import evaluate
from nhiscan.records import Credential
from nhiscan.scan.resolve import resolve
from nhiscan.store.revision import revise
from tests.ownership.estate import AT, Estate, party
from tests.ownership.test_resolve import tagged

DAY = timedelta(days=1)


def old_key(name: str) -> Credential:
    return Credential(
        key=f"key-{name}",
        identity=name,
        kind="access_key",
        status="active",
        created_at=datetime(2025, 1, 1, tzinfo=UTC),
        source="iam.authorization_details",
    )


def owners(estate: Estate) -> dict[str, Any]:
    rows = estate.rows(
        "SELECT i.name, f.owner_id, f.backup_id FROM findings f JOIN identities i"
        " USING (identity_id) WHERE f.rule = 'CRD-01' AND f.status = 'open'"
    )
    return {row["name"]: (row["owner_id"], row["backup_id"]) for row in rows}


def test_findings_of_clouds_leave_a_leaver_without_a_scan(estate: Estate) -> None:
    estate.parties = [party("ann"), party("lee", manager="ann")]
    records = [tagged("anns", "ann"), old_key("anns"), tagged("lees", "lee"), old_key("lees")]
    estate.scan({"acme": records})
    with revise(estate.store, AT) as revision:
        evaluate(revision, estate.config, AT)
    assert owners(estate) == {"anns": ("ann", None), "lees": ("lee", "ann")}

    estate.parties = [party("ann", employment="left"), party("lee", manager="ann")]
    with revise(estate.store, AT + DAY) as revision:
        resolve(revision, estate.config, AT + DAY)
        evaluate(revision, estate.config, AT + DAY, ("OWN",))
    assert owners(estate) == {"anns": (None, None), "lees": ("lee", None)}
