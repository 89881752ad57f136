-- comment: Pieces of evidence about a control instance, and what each is worth as proof that it operated.
-- history: no
-- column evidence_id: The piece of evidence.
-- column tenant_id: The client.
-- column instance_id: The control instance.
-- column kind: Its kind.
-- column collected_at: When it was collected.
-- column period_start: Begin of the period that it speaks of; null if not said.
-- column period_end: First moment after that period; null if not said.
-- column custodian_id: Who keeps it.
-- column custodian_org: The organization of that party.
-- column is_operation: True if it shows operation: no snapshot of configuration, no drill, and read whole.
-- column is_own: True if the accountable person's organization keeps it, or the custodian that the matrix names for the time it was collected.
-- column is_with_custodian: True if the organization that keeps it was custodian by the matrix when it was collected; false in gaps of custody.
WITH orgs AS (
    -- tenants of one group are one client
    SELECT 'client:' || t.tenant_id AS org, 'client:' || t.client_group AS whose
    FROM tenants t
    WHERE t.kind = 'client'
),
kept AS (
    SELECT e.evidence_id, e.tenant_id, e.instance_id, e.kind, e.collected_at, e.period_start,
        e.period_end, e.custodian_id, e.custodian_org, e.incomplete,
        coalesce(o.whose, e.custodian_org) AS whose
    FROM evidence e
    LEFT JOIN orgs o ON o.org = e.custodian_org
    WHERE e.instance_id IS NOT NULL
),
custodians AS (
    SELECT c.instance_id, coalesce(o.whose, c.custodian_org) AS whose,
        c.period_start::TIMESTAMPTZ AS starts, c.period_end::TIMESTAMPTZ AS ends
    FROM custody c
    LEFT JOIN orgs o ON o.org = c.custodian_org
),
-- Of a subservice that the matrix does not name any one may be meant.
matched AS (
    SELECT k.*,
        EXISTS (
            FROM custodians c
            WHERE c.instance_id = k.instance_id
                AND (c.whose = k.whose OR (c.whose = 'subservice' AND k.whose LIKE 'sub:%'))
                AND c.starts <= k.collected_at
                AND coalesce(c.ends > k.collected_at, true)
        ) AS is_with_custodian
    FROM kept k
)
SELECT m.evidence_id, m.tenant_id, m.instance_id, m.kind, m.collected_at, m.period_start,
    m.period_end, m.custodian_id, m.custodian_org,
    len(m.incomplete) = 0 AND m.kind NOT IN (
        'configuration', 'configuration_snapshot', 'policy', 'screenshot', 'retrieval_drill'
    ) AS is_operation,
    m.is_with_custodian OR coalesce(coalesce(o.whose, p.org) = m.whose, false) AS is_own,
    m.is_with_custodian
FROM matched m
JOIN control_instances i ON i.instance_id = m.instance_id
LEFT JOIN parties p ON p.party_id = i.accountable_id
LEFT JOIN orgs o ON o.org = p.org
