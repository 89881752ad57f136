-- comment: Approvals of making or changing identities, and whether whoever approved could.
-- history: no
-- column evidence_id: The piece of evidence.
-- column tenant_id: The client of the identity, or under which an approval of nothing known was recorded.
-- column identity_ref: The identity as written; hostile text.
-- column identity_id: That identity; null if nothing, or not one alone, is so called.
-- column requested_by: Who asked, as written.
-- column approved_by: Who approved, as written.
-- column executed_by: Who did it, as written.
-- column approver_id: The party who approved; null if nobody that the roster knows.
-- column approver_org: The organization of that party.
-- column approved_at: When it was approved.
-- column executed_at: When it was done, as the record says.
-- column is_own: Whether whoever approved also asked or did it, or made the identity as an audit log tells.
-- column is_entitled: Whether it was for that person to approve: of the client, the approver of a control instance concerned, or of whom that names for the duty; null if no roster knows who it was.
-- column ticket: The ticket.
-- column recorded_at: When it was recorded.
WITH told AS (
    SELECT r.evidence_id, coalesce(i.tenant_id, r.tenant_id) AS tenant_id,
        r.record ->> 'identity' AS identity_ref, r.identity_id, r.instance_id,
        r.record ->> 'requested_by' AS requested_by, r.record ->> 'approved_by' AS approved_by,
        r.record ->> 'executed_by' AS executed_by, i.created_by,
        (r.record ->> 'approved_at')::TIMESTAMPTZ AS approved_at,
        (r.record ->> 'executed_at')::TIMESTAMPTZ AS executed_at,
        r.record ->> 'ticket' AS ticket, r.recorded_at
    FROM evidence_records r
    LEFT JOIN identities i ON i.identity_id = r.identity_id
    WHERE r.kind = 'change_approval'
),
-- The instances that an approval concerns: its own, or those that its identity operates.
concerned AS (
    SELECT DISTINCT t.evidence_id, t.identity_ref, t.instance_id
    FROM told t
    WHERE t.instance_id IS NOT NULL
    UNION
    SELECT t.evidence_id, t.identity_ref, l.instance_id
    FROM told t
    JOIN control_links l ON l.identity_id = t.identity_id AND l.state IN ('linked', 'confirmed')
),
approvers AS (
    SELECT c.evidence_id, c.identity_ref, list(DISTINCT i.approver_id) AS people,
        list_distinct(flatten(list(coalesce(d.orgs, [])))) AS orgs
    FROM concerned c
    JOIN control_instances i ON i.instance_id = c.instance_id
    LEFT JOIN duties d ON d.instance_id = c.instance_id AND d.duty = 'approve'
    GROUP BY ALL
)
SELECT t.evidence_id, t.tenant_id, t.identity_ref, t.identity_id, t.requested_by, t.approved_by,
    t.executed_by, p.party_id AS approver_id, p.org AS approver_org, t.approved_at, t.executed_at,
    list_contains(
        [
            coalesce(o.party_id, lower(trim(o.ref_as_written)))
            for o in [
                {'party_id': q.party_id, 'ref_as_written': t.requested_by},
                {'party_id': x.party_id, 'ref_as_written': t.executed_by},
                {'party_id': m.party_id, 'ref_as_written': t.created_by}
            ]
            if o.ref_as_written IS NOT NULL
        ],
        coalesce(p.party_id, lower(trim(t.approved_by)))
    ) AS is_own,
    CASE
        WHEN p.party_id IS NULL THEN NULL
        WHEN p.kind <> 'person' THEN false
        WHEN p.employment = 'left' AND p.since IS NULL THEN NULL
        WHEN p.employment = 'left' AND p.since <= t.approved_at::DATE THEN false
        ELSE coalesce(
            list_contains(a.people, p.party_id)
            OR list_contains(a.orgs, p.org)
            OR (list_contains(a.orgs, 'subservice') AND p.org LIKE 'sub:%'),
            false
        ) OR CASE w.kind
            WHEN 'client' THEN coalesce(s.client_group = w.client_group, false)
            ELSE p.org = 'msp' OR p.org = 'sub:' || w.tenant_id
        END
    END AS is_entitled,
    t.ticket, t.recorded_at
FROM told t
LEFT JOIN party_names p ON p.ref = lower(trim(t.approved_by))
LEFT JOIN party_names q ON q.ref = lower(trim(t.requested_by))
LEFT JOIN party_names x ON x.ref = lower(trim(t.executed_by))
LEFT JOIN party_names m ON m.ref = lower(trim(t.created_by))
LEFT JOIN approvers a ON a.evidence_id = t.evidence_id AND a.identity_ref = t.identity_ref
LEFT JOIN tenants w ON w.tenant_id = t.tenant_id
LEFT JOIN tenants s ON p.org = 'client:' || s.tenant_id
