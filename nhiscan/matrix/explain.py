"""Gathers all that is known about one control instance: text, people, custody, links, findings."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = list[dict[str, Any]]

_INSTANCE = "SELECT * FROM control_instances AS i WHERE i.instance_id = $id"
# Section -> question. Every one takes $id; the order is that of reading.
_SECTIONS = {
    "controls": """
        SELECT c.control_id, c.framework, c.title
        FROM controls AS c
        JOIN control_instances AS i ON list_contains(i.criteria, c.control_id)
        WHERE i.instance_id = $id ORDER BY c.control_id""",
    "people": """
        WITH named AS (
            SELECT unnest([
                {'role': 'accountable', 'ref': array_to_string(i.accountable_refs, ', '),
                 'party_id': i.accountable_id},
                {'role': 'backup', 'ref': i.backup_ref, 'party_id': i.backup_id},
                {'role': 'approver', 'ref': i.approver_ref, 'party_id': i.approver_id}
            ]) AS one
            FROM control_instances AS i WHERE i.instance_id = $id
        )
        SELECT n.one.role, nullif(n.one.ref, '') AS ref, p.party_id, p.name, p.kind, p.org,
            p.employment, p.since
        FROM named AS n LEFT JOIN parties AS p ON p.party_id = n.one.party_id
        ORDER BY list_position(['accountable', 'backup', 'approver'], n.one.role)""",
    "duties": """
        SELECT d.duty, d.orgs FROM duties AS d WHERE d.instance_id = $id
        ORDER BY d.line, d.duty""",
    "custody": """
        SELECT c.custodian_org, coalesce(p.name, c.custodian_ref) AS custodian, c.period_start,
            c.period_end, coalesce(o.name, c.oversight_ref) AS oversight, c.handoff_ack, c.line
        FROM custody AS c
        LEFT JOIN parties AS p ON p.party_id = c.custodian_id
        LEFT JOIN parties AS o ON o.party_id = c.oversight_id
        WHERE c.instance_id = $id ORDER BY c.period_start, c.position""",
    "signoff": """
        SELECT coalesce(p.name, s.signer_ref) AS signer, p.org, p.employment, s.signed_at,
            s.expires_at, s.covers_sha256, s.text_sha256, s.artefact, s.line
        FROM signoffs AS s LEFT JOIN parties AS p ON p.party_id = s.signer_id
        WHERE s.instance_id = $id""",
    "operators": """
        SELECT coalesce(o.native_id, o.selector) AS said, o.basis, o.line
        FROM operators AS o WHERE o.instance_id = $id ORDER BY o.position""",
    "links": """
        SELECT l.identity_id, i.kind, i.name, i.native_id, l.identity_tenant_id, l.state, l.grade,
            l.confidence, l.basis, l.reasons, l.unread
        FROM control_links AS l LEFT JOIN identities AS i ON i.identity_id = l.identity_id
        WHERE l.instance_id = $id
        ORDER BY list_position(['confirmed', 'linked', 'suggested', 'rejected'], l.state),
            l.confidence DESC, i.name, l.identity_id""",
    "findings": """
        SELECT f.rule, f.severity, f.status, f.title, f.first_seen, f.last_seen, f.due_at,
            f.remediation, f.evidence, f.finding_id, f.unread
        FROM findings AS f
        WHERE f.status <> 'resolved' AND f.instance_id = $id
        ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], f.severity), f.rule,
            f.finding_id""",
}


def explain_instance(con: "DuckDBPyConnection", instance_id: str) -> dict[str, Any] | None:
    """Return everything about a control instance that `con` shows; None if there is none such."""
    params = {"id": instance_id}
    rows = _rows(con, _INSTANCE, params)
    if not rows:
        return None
    found: dict[str, Any] = {"instance": rows[0]}
    found |= {name: _rows(con, question, params) for name, question in _SECTIONS.items()}
    for name in ("also", "lines"):
        found["instance"][name] = json.loads(found["instance"][name] or "{}")
    for link in found["links"]:
        link["reasons"] = json.loads(link["reasons"] or "[]")
    for finding in found["findings"]:
        finding["evidence"] = json.loads(finding["evidence"] or "{}")
    return found


def _rows(con: "DuckDBPyConnection", question: str, params: dict[str, Any]) -> Rows:
    cursor = con.execute(question, params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
