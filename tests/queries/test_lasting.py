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


def test_a_grant_dangles_once_two_scans_have_seen_it_so(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = []
    for day, ghost in enumerate(("object-1", "object-1", None)):
        store.scan(day, unit(ghost=ghost))
        seen += states(store, "LIF-04")

    assert seen == ["unknown", "open", "resolved"]


def test_one_scan_is_enough_for_what_is_old_or_what_the_platform_calls_deleted(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    made = unit()
    for name, principal, age in (
        ("young", "object-1", 1.9),
        ("old", "object-2", 2.1),
        ("marked", "deleted:serviceAccount:a@b.example?uid=1", None),
    ):
        fields = {"created_at": None if age is None else estate.ago(age), "principal": principal}
        made.grant(name, "Owner", "role assignment", **fields)
    store.scan(0, made)

    rows = store.ask("SELECT title, status FROM findings WHERE rule = 'LIF-04' ORDER BY title")
    assert [(row["title"].partition(" ")[0], row["status"]) for row in rows] == [
        ("deleted:serviceAccount:a@b.example?uid=1", "open"),
        ("object-1", "unknown"),
        ("object-2", "open"),
    ]


def test_a_scan_that_did_not_read_the_identities_is_none_of_the_two(tmp_path: Path) -> None:
    store = Store(tmp_path)
    seen = []
    for day, denied in enumerate(([], [estate.SECRETS], [])):
        store.scan(day, unit(ghost="object-1"), denied=denied)
        seen += states(store, "LIF-04")

    assert seen == ["unknown", "unknown", "open"]


def test_a_grantee_deleted_between_scans_dangles_from_then_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    there = unit()
    there.identity("ghost")
    there.grant("ghost", "Owner", "role assignment")
    store.scan(0, there)
    store.scan(1, there)
    seen = []
    for day in (2, 3):
        store.scan(day, unit(ghost="object-1"))
        seen += states(store, "LIF-04")

    assert seen == ["unknown", "open"]


def test_a_dangling_grant_is_resolved_when_it_was_removed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, unit(ghost="object-1"))
    store.scan(1, unit(ghost="object-1"))
    first = states(store, "LIF-04")
    store.scan(2, unit(), denied=[estate.DETAILS])
    doubted = states(store, "LIF-04")
    store.scan(3, unit())

    assert (first, doubted, states(store, "LIF-04")) == (["open"], ["unknown"], ["resolved"])


def test_a_grantee_that_a_later_scan_finds_dangles_no_more(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.scan(0, unit(ghost="object-1"))
    found = unit()
    found.identity("ghost")
    found.grant("ghost", "Owner", "role assignment")
    store.scan(1, found)

    assert states(store, "LIF-04") == ["resolved"]
