"""What the queries must leave out, and where they must say unknown, case by case."""

from collections.abc import Callable
from pathlib import Path

from tests.queries import estate
from tests.queries.conftest import Rows, asker

Make = Callable[..., Path]


def acme() -> estate.Unit:
    return estate.Unit(tenant="acme", account=estate.ACME)


def verdicts(rows: Rows, label: str = "name") -> dict[str, str]:
    return {row[label]: row["verdict"] for row in rows if row["identity_id"] is not None}


def test_a_workload_that_could_not_be_read_is_neither_gone_nor_there(
    tmp_path: Path, make: Make
) -> None:
    unit = acme()
    why = "resources were not read whole: denied"
    unit.identity("hidden", "role", attributes={"workload": "unknown", "workload_reason": why})
    unit.identity("gone", "role", attributes={"workload": "gone"})
    unit.identity("silent", "role")

    rows = asker(make(tmp_path, [unit]))("orphaned-workloads")

    assert verdicts(rows) == {"hidden": "unknown", "gone": "open"}
    assert {row["name"]: row["unread"] for row in rows}["hidden"] == [f"its workload: {why}"]


def test_unattached_is_unknown_where_federations_were_not_read(tmp_path: Path, make: Make) -> None:
    unit = acme()
    unit.identity("spare", attributes={"workload": "unattached"})
    unit.identity("gone", attributes={"workload": "gone"})

    (tmp_path / "whole").mkdir()
    whole = asker(make(tmp_path / "whole", [unit]))("orphaned-workloads")
    # users' credentials stand in the credential report
    rows = asker(make(tmp_path, [unit], extra={estate.REPORT}))("orphaned-workloads")

    assert verdicts(whole) == {"spare": "open", "gone": "open"}
    assert verdicts(rows) == {"spare": "unknown", "gone": "open"}
