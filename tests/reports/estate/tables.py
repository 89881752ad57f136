"""Tables as `report html` hands them over, of any size, with an attacker's names among them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from nhiscan.table import Table

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
SEVERITIES = ("critical", "high", "medium", "low", "info")
RULES = ("OWN-01", "CRD-01", "SHR-04", "LIF-01", "PRV-02", "CTL-04")
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e\"'&\x1b[31m"


def table(name: str, rows: list[dict[str, Any]], *, notes: tuple[str, ...] = ()) -> Table:
    columns = tuple(rows[0]) if rows else ()
    return Table(
        name=name, title=name, columns=columns, notes=notes,
        rows=[[row[column] for column in columns] for row in rows],
    )  # fmt: skip


def identity(number: int, tenants: int) -> dict[str, Any]:
    name = EVIL if number == 7 else f"svc-{number:05d}"
    status = ("declared", "unowned", "inferred", "orphaned")[number % 4]
    return {
        "identity_id": f"nhi_{number:020x}", "tenant_id": f"client-{number % tenants:03d}",
        "provider": "aws", "account": f"account-{number % 97}", "kind": "user", "name": name,
        "native_id": f"arn:aws:iam::000000000000:user/{number}", "class": "machine",
        "enabled": True, "privilege": ("admin", "write", "read", "unknown")[number % 4],
        "usage": "known", "last_used_at": NOW - timedelta(days=number % 400),
        "created_at": NOW - timedelta(days=1 + number % 900),
        "owner_id": f"party-{number % 50}" if number % 4 in (0, 2) else None,
        "owner_status": status, "owner_confidence": 0.8, "backup_id": None, "reach_tenants": 0,
        "first_seen": NOW, "last_seen": NOW, "open_findings": 1, "worst_severity": "high",
        "unread": [],
    }  # fmt: skip


def finding(number: int, identities: int, tenants: int) -> dict[str, Any]:
    of = number % identities
    alone = number % 50 == 49  # of a control instance, not of an identity
    return {
        "finding_id": f"find_{number:020x}", "rule": RULES[number % len(RULES)],
        "severity": SEVERITIES[number % 5], "status": "unknown" if number % 10 == 9 else "open",
        "tenant_id": f"client-{of % tenants:03d}",
        "instance_id": "client-000/CC6.1" if alone else None,
        "identity_id": None if alone else f"nhi_{of:020x}",
        "credential_id": None, "title": f"finding {number} of svc-{of:05d}",
        "owner_id": f"party-{of % 50}" if of % 4 in (0, 2) else None, "backup_id": None,
        "first_seen": NOW - timedelta(days=number % 300),
        "opened_at": NOW - timedelta(days=number % 300), "last_seen": NOW,
        "due_at": NOW + timedelta(days=30 - number % 300), "resolved_at": None, "unread": [],
        "ticket_ref": None, "exception_id": None,
    }  # fmt: skip


def client(number: int, identities: int, tenants: int) -> dict[str, Any]:
    mine = len(range(number, identities, tenants))
    return {
        "tenant_id": f"client-{number:03d}", "name": f"Client {number}", "kind": "client",
        "client_group": f"client-{number:03d}", "identities": mine, "attested": 0,
        "declared": mine, "inferred": 0, "suggested": 0, "conflict": 0, "team_only": 0,
        "orphaned": 0, "unowned": 0, "platform": 0, "unresolved": 0,
        "unread_sources": 2 if number == 1 else 0, "accounts": 1,
    }  # fmt: skip


def never_read() -> dict[str, Any]:
    numbers = {key: 0 for key, value in client(0, 1, 1).items() if isinstance(value, int)}
    named = dict.fromkeys(("tenant_id", "name", "client_group"), "client-never")
    return client(0, 1, 1) | numbers | named


def party(number: int) -> dict[str, Any]:
    return {
        "party_id": f"party-{number}", "name": f"Person {number}", "kind": "person", "org": "msp",
        "employment": "active", "email": None,
    }  # fmt: skip


def trend(identities: int, tenants: int) -> list[dict[str, Any]]:
    """Make ten scans, of which the fourth did not read all."""
    return [
        {"at": NOW - timedelta(days=7 * (9 - n)), "scan_id": f"s{n}",
         "tenant_id": f"client-{t:03d}",
         "state": "incomplete" if n == 3 else "complete", "identities": identities // tenants,
         "owned": identities // tenants // 2 + n, "open": 40 - 3 * n + t, "unknown": n % 4,
         "accepted": n, "resolved_since": 2}
        for n in range(10)
        for t in range(tenants)
    ]  # fmt: skip


def history(ids: list[str]) -> list[dict[str, Any]]:
    return [
        {"identity_id": one, "at": NOW - timedelta(days=n), "what": "owner", "was": f"party-{n}",
         "became": "x" * 10_000 if one == ids[7] else f"party-{n + 1}"}
        for one in ids
        for n in range(3)
    ]  # fmt: skip


def estate(identities: int, findings: int, tenants: int = 5) -> list[Table]:
    """Make the tables of an estate; client-001 was not read whole, identity 7 is hostile."""
    ids = [f"nhi_{number:020x}" for number in range(identities)]
    shared = [
        {"level": level, "key": f"key-{n}", "identity_ids": [ids[n]], "relation": "msp",
         "tenant_ids": [f"client-{(n + k) % tenants:03d}" for k in range(2 + n % 2)],
         "sanctioned": n % 3 == 0, "title": EVIL if n == 1 else f"shared thing {n}"}
        for n, level in enumerate(("principal", "credential", "trust", "partner") * 2)
    ]  # fmt: skip
    steps = [
        {"source_id": ids[n], "target_id": ids[(n * 7 + 3) % identities], "how": "named",
         "certain": n % 5 > 0, "kind": "trust"}
        for n in range(0, identities, 2)
    ]  # fmt: skip
    claims = [
        {"identity_id": one, "party_id": "party-1", "role": "accountable", "signal": "S3",
         "weight": 0.6, "observed_at": NOW, "evidence": "tag owner", "outcome": "counts"}
        for one in ids
    ]  # fmt: skip
    coverage = [{"tenant_id": "client-001", "account": "aws:1", "region": "global", "source": "iam",
                 "state": "denied", "reason": "AccessDenied"}]  # fmt: skip
    grants = [
        {"identity_id": one, "account": "aws:1", "scope": "*", "role": f"Role{n}", "via": "inline",
         "action_class": "admin", "verdict": "granted", "more": 0}
        for one in ids
        for n in range(3)
    ]  # fmt: skip
    about = {"generated_at": NOW, "scan_id": "s1", "scan_started_at": NOW, "scan_state": "complete"}
    return [
        table("about", [{"key": key, "value": value} for key, value in about.items()],
              notes=("1 source was not read whole",)),
        table("clients", [*(client(n, identities, tenants) for n in range(tenants)), never_read()]),
        table("findings", [finding(n, identities, tenants) for n in range(findings)]),
        table("parties", [party(n) for n in range(50)]),
        table("identities", [identity(n, tenants) for n in range(identities)]),
        table("shared", shared), table("steps", steps), table("claims", claims),
        table("grants", grants), table("coverage", coverage),
        table("trend", trend(identities, tenants)), table("history", history(ids)),
    ]  # fmt: skip
