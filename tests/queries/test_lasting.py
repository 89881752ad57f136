"""Findings whose facts a later scan cannot read are unknown then, and resolved only by a read."""

from pathlib import Path

from tests.findings.days import Store
from tests.queries import estate


def states(store: Store, rule: str) -> list[str]:
    rows = store.ask(f"SELECT status FROM findings WHERE rule = '{rule}'")  # noqa: S608 a rule's code
    return [row["status"] for row in rows]


def unit(workload: str | None = None, ghost: str | None = None) -> estate.Unit:
    made = estate.Unit(tenant="acme", account=estate.ACME)
    made.identity("app", attributes={"workload": workload} if workload else {})
    if ghost is not None:
        made.grant("ghost", "Owner", "role assignment", principal=ghost)
    return made


def test_a_workload_is_gone_then_unread_then_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = []
    for day, workload in enumerate(("gone", "unknown", "gone", "present")):
        store.scan(day, unit(workload))
        seen += states(store, "LIF-03")

    assert seen == ["open", "unknown", "open", "resolved"]


def test_a_dangling_grant_is_resolved_when_it_was_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, unit(ghost="object-1"))
    first = states(store, "LIF-04")
    store.scan(1, unit(), denied=[estate.DETAILS])
    doubted = states(store, "LIF-04")
    store.scan(2, unit())

    assert (first, doubted, states(store, "LIF-04")) == (["open"], ["unknown"], ["resolved"])


def test_a_grantee_that_a_later_scan_finds_dangles_no_more(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, unit(ghost="object-1"))
    found = unit()
    found.identity("ghost")
    found.grant("ghost", "Owner", "role assignment")
    store.scan(1, found)

    assert states(store, "LIF-04") == ["resolved"]
