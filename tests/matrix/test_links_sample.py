"""In the sample estate each client has signed for one tool that they share, and not for others."""

from typing import Any

from nhiscan.store.read import open_reader
from tests.conftest import Project

RMM, SCANNER = (f"90000000-0000-4000-8000-0000000000{end}" for end in ("ab", "aa"))


def ask(project: Project, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with open_reader(project.store) as con:
        return con.execute(sql, list(values)).fetchall()


def test_only_what_every_client_signed_for_is_sanctioned(scanned: Project) -> None:
    shared = "SELECT key, sanctioned FROM shared WHERE list_contains(?, key)"

    assert dict(ask(scanned, shared, [RMM, SCANNER])) == {RMM: True, SCANNER: False}


def test_a_tool_that_is_signed_for_is_no_finding(scanned: Project) -> None:
    found = ask(
        scanned,
        "SELECT i.tenant_id, i.name, EXISTS (FROM findings AS f WHERE f.rule = 'SHR-04'"
        " AND f.status <> 'resolved' AND f.identity_id = i.identity_id)"
        " FROM identities AS i WHERE i.kind = 'service_principal'"
        " AND i.tenant_id IN ('acme-dental', 'granite')"
        " AND i.attributes ->> 'app_id' IN (?, ?)",
        RMM,
        SCANNER,
    )

    assert sorted(found) == [
        ("acme-dental", "Northwind RMM", False),
        ("acme-dental", "nhiscan", True),
        ("granite", "Northwind RMM", False),
        ("granite", "nhiscan", True),
    ]


def test_each_clients_own_principal_is_what_operates(scanned: Project) -> None:
    links = ask(
        scanned,
        "SELECT l.tenant_id, l.identity_tenant_id, l.state, l.confidence FROM control_links AS l"
        " WHERE l.instance_id LIKE '%/remote-management' AND list_contains(l.basis, 'explicit')"
        " ORDER BY l.tenant_id",
    )

    assert links == [
        ("acme-dental", "acme-dental", "linked", 1.0),
        ("granite", "granite", "linked", 1.0),
    ]
