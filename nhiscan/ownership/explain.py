"""Gathers all that is known about one identity: facts, verdicts, where read, what would change."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]

# Section -> question. Every one takes $id; the order is that of reading. A whole tells what its
# parts reach, share and have found against them, as it answers for them.
_SECTIONS = {
    "credentials": """
        SELECT c.kind, c.public_id, c.status, c.created_at, c.expires_at, c.usage, c.last_used_at,
            c.usage_note, c.fingerprint, c.credential_id, c.source, c.region, c.attributes
        FROM credentials AS c WHERE c.identity_id = $id
        ORDER BY c.kind, c.created_at, c.credential_id""",
    "grants": """
        SELECT g.action_class, g.verdict, g.role, g.via, g.scope, g.scope_tenant_id, g.acts_as,
            g.way, g.actions, g.source, g.region
        FROM grants AS g WHERE g.identity_id = $id
        ORDER BY list_position(['granted', 'scoped', 'unknown', 'denied'], g.verdict),
            g.action_class, g.role, g.scope""",
    "trusted": """
        SELECT t.principal, t.principal_kind, t.relation, t.vendor, t.principal_tenant_id,
            t.principal_identity_id, t.statement, t.guard, t.verdict, t.reason, t.source, t.region
        FROM trusts AS t WHERE t.identity_id = $id
        ORDER BY list_position(['open', 'weak', 'unknown', 'guarded', 'dangling', 'broken'],
            t.verdict), t.statement, t.principal""",
    "acts_as": """
        SELECT i.identity_id, i.kind, i.name, i.native_id, i.tenant_id, i.account_id, t.relation,
            t.principal, t.guard, t.verdict
        FROM identities AS me
        JOIN trusts AS t
            ON t.principal_identity_id = me.identity_id
            OR (t.principal_kind = 'account' AND t.principal_account_id = me.account_id)
        JOIN identities AS i ON i.identity_id = t.identity_id AND i.identity_id <> $id
        WHERE me.identity_id = $id AND t.verdict NOT IN ('broken', 'dangling') AND (
            -- a role or user named by another account also needs its own policies (edges.sql)
            t.principal_identity_id = me.identity_id AND (
                me.account_id = i.account_id OR t.principal_kind NOT IN ('role', 'user')
                OR me.privilege = 'unknown' OR EXISTS (
                    FROM blind_spots AS b
                    WHERE b.topic = 'privilege' AND b.tenant_id = me.tenant_id
                        AND b.account_id = me.account_id
                        AND list_contains(b.native_types, me.native_type)
                )
            ) OR EXISTS (
                FROM grants AS g
                WHERE g.identity_id = $id AND g.verdict IN ('granted', 'scoped')
                    AND g.way = 'assume'
                    AND i.native_id GLOB replace(replace(g.acts_as, '\\', '\\\\'), '[', '[[]')
            )
        )
        ORDER BY i.tenant_id, i.name, t.trust_id""",
    "can_become": """
        SELECT i.identity_id, i.kind, i.name, i.native_id, i.tenant_id, i.account_id, c.way,
            c.services, c.verdict, c.role
        FROM can_become AS c JOIN identities AS i ON i.identity_id = c.target_id
        WHERE c.identity_id = $id ORDER BY i.tenant_id, i.name, i.identity_id, c.way, c.role""",
    "reach": """
        SELECT r.target_tenant_id, r.via, min(r.hops) AS hops FROM reach AS r
        WHERE r.identity_id = $id OR r.identity_id IN (
            SELECT p.identity_id FROM identities AS p WHERE p.part_of = $id
        )
        GROUP BY ALL ORDER BY ALL""",
    "shared": """
        SELECT s.level, s.title, s.key, s.relation, s.tenant_ids, s.sanctioned
        FROM shared AS s
        WHERE list_contains(s.identity_ids, $id) OR EXISTS (
            SELECT 1 FROM identities AS p
            WHERE p.part_of = $id AND list_contains(s.identity_ids, p.identity_id)
        )
        ORDER BY s.level, s.key""",
    "controls": """
        SELECT l.instance_id, l.tenant_id, l.state, l.grade, l.confidence, l.basis, l.unread
        FROM control_links AS l
        WHERE l.state <> 'rejected' AND (l.identity_id = $id OR l.identity_id IN (
            SELECT p.identity_id FROM identities AS p WHERE p.part_of = $id
        ))
        ORDER BY list_position(['confirmed', 'linked', 'suggested'], l.state), l.confidence DESC,
            l.instance_id""",
    "findings": """
        SELECT f.rule, f.severity, f.status, f.title, f.first_seen, f.last_seen, f.due_at,
            f.remediation, f.evidence, f.finding_id, f.unread
        FROM findings AS f
        WHERE f.status <> 'resolved' AND (f.identity_id = $id OR f.identity_id IN (
            SELECT p.identity_id FROM identities AS p WHERE p.part_of = $id
        ))
        ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity), f.rule,
            f.finding_id""",
    "coverage": """
        SELECT s.source, s.region, s.read_at, s.unread
        FROM read_spots AS s
        JOIN identities AS i ON i.tenant_id = s.tenant_id AND i.account_id = s.account_id
        WHERE i.identity_id = $id ORDER BY s.source, s.region""",
}
# The other objects of the same thing: the whole that this is part of, and its other parts.
_OBJECTS = """
SELECT i.identity_id, if(i.identity_id = me.part_of, 'whole', 'part') AS place
FROM identities AS me
JOIN identities AS i
    ON i.identity_id = me.part_of OR i.part_of = coalesce(me.part_of, me.identity_id)
WHERE me.identity_id = $id AND i.identity_id <> me.identity_id
ORDER BY place DESC, i.identity_id
"""
# What is told of each of them.
_OF_OBJECT = ("credentials", "grants", "trusted", "findings")
_IDENTITY = "SELECT * FROM identities AS i WHERE i.identity_id = $id"
_ACCOUNT = """
SELECT a.* FROM accounts AS a JOIN identities AS i ON i.account_id = a.account_id
WHERE i.identity_id = $id
"""
_PARTIES = """
SELECT p.party_id, p.name, p.kind, p.org, p.employment, p.email, p.since, p.manager
FROM parties AS p WHERE list_contains($ids::VARCHAR[], p.party_id)
"""
# What is empty above proves nothing where its sources were not read whole: topic -> why.
_BLIND = """
SELECT b.topic, list_distinct(flatten(list(b.unread))).list_sort() AS unread
FROM blind_spots AS b
JOIN identities AS i ON i.tenant_id = b.tenant_id AND i.account_id = b.account_id
WHERE i.identity_id = $id
    AND (len(b.native_types) = 0 OR list_contains(b.native_types, i.native_type))
GROUP BY b.topic
"""
_BLIND_ELSEWHERE = """
SELECT count(DISTINCT b.account_id) AS accounts FROM blind_spots AS b
JOIN identities AS i ON i.identity_id = $id AND i.account_id <> b.account_id
WHERE b.topic = 'trusts'
"""
_EXPLANATION = "SELECT r.explanation FROM resolutions AS r WHERE r.identity_id = $id"


def explain(con: "DuckDBPyConnection", identity_id: str, at: datetime) -> dict[str, Any]:
    """Return everything about an identity that `con` shows, section by section.

    Claims carry their age in days and their decayed weight at the moment `at`. `objects` holds the
    same of the other objects that make one thing with it, such as an application's registration
    beside its service principal.
    """
    params = {"id": identity_id}
    found = _object(con, identity_id, at, tuple(_SECTIONS))
    found["account"] = next(iter(_rows(con, _ACCOUNT, params)), None)
    found["objects"] = [
        {"place": row["place"]} | _object(con, row["identity_id"], at, _OF_OBJECT)
        for row in _rows(con, _OBJECTS, params)
    ]
    found["unread"] = {row["topic"]: row["unread"] for row in _rows(con, _BLIND, params)}
    [elsewhere] = _rows(con, _BLIND_ELSEWHERE, params)
    found["unread_trusts_elsewhere"] = elsewhere["accounts"]
    return found


def _object(
    con: "DuckDBPyConnection", identity_id: str, at: datetime, sections: tuple[str, ...]
) -> dict[str, Any]:
    """Return one identity's own facts, its claims, and the sections asked for."""
    params = {"id": identity_id}
    identity, owned = ownership(con, identity_id, at)
    owned.pop("parties")
    for name in ("tags", "attributes"):
        identity[name] = json.loads(identity[name] or "{}")
    found: dict[str, Any] = {"identity": identity, "ownership": owned}
    found |= {name: _rows(con, _SECTIONS[name], params) for name in sections}
    for credential in found["credentials"]:
        credential["attributes"] = json.loads(credential["attributes"] or "{}")
    for finding in found["findings"]:
        finding["evidence"] = json.loads(finding["evidence"] or "{}")
    return found


def ownership(
    con: "DuckDBPyConnection", identity_id: str, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an identity's row, and who owns it with every claim as it counts at the moment `at`.

    `parties` holds whoever is named anywhere in it, by id.
    """
    [identity] = _rows(con, _IDENTITY, {"id": identity_id})
    rows = _rows(con, _EXPLANATION, {"id": identity_id})
    told = json.loads(rows[0]["explanation"]) if rows and rows[0]["explanation"] else {}
    claims = [_aged(claim, at) for claim in told.get("claims", ())]
    roles = {role: identity[f"{role}_id"] for role in ("owner", "backup", "last_known_owner")}
    counted = {c[name] for c in claims for name in ("party", "counts_for") if c.get(name)}
    named = {*roles.values(), *told.get("candidates", ()), *counted} - {None}
    parties = {p["party_id"]: p for p in _rows(con, _PARTIES, {"ids": sorted(named)})}
    # somebody of no roster, whose account the platform knows to be gone
    gone = (c["reference"] for c in claims if c["outcome"].startswith("remembered"))
    return identity, {
        "status": identity["owner_status"],
        "confidence": identity["owner_confidence"],
        **{role: parties.get(party, party) for role, party in roles.items()},
        "last_known_reference": None if roles["last_known_owner"] else next(gone, None),
        "backup_basis": told.get("backup"),
        "candidates": [parties.get(party, party) for party in told.get("candidates", ())],
        "claims": claims,
        "thresholds": told.get("thresholds"),
        "would_change": told.get("next"),
        "unread": identity["owner_unread"],
        "roster": told.get("roster"),
        "parties": parties,
    }


def _aged(claim: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Add the age in days and what is left of the weight."""
    age = decayed = None
    if claim["observed_at"]:
        observed = datetime.fromisoformat(claim["observed_at"])
        age = max(0.0, (at - observed).total_seconds() / 86400)
    until = claim.get("in_force_until")
    in_force = until is not None and at < datetime.fromisoformat(until)
    half_life = None if in_force else claim["half_life_days"]
    decayed = claim["weight"] * (2 ** (-age / half_life) if half_life and age else 1)
    return claim | {
        "age_days": None if age is None else round(age, 1),
        "decayed": round(decayed, 3),
    }


def _rows(con: "DuckDBPyConnection", sql: str, params: dict[str, Any]) -> Rows:
    result = con.execute(sql, params)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
