-- title: Identities made or changed without prior approval
-- why: R13 and R06: who makes access without being asked for it, or approves it oneself, has no client
--   who wanted it; an auditor draws from what was created and asks for each approval.
-- rule: LIF-06
-- severity: medium
-- frameworks: soc2: CC6.2, CC8.1; csf: PR.AA-01, ID.RA-07; nist_800_53: AC-2, CM-3; iso_27001: 5.16,
--   8.32; cis: 6.1
-- unknown: No approval of a tenant was ever imported, or none of the time in which an identity was
--   made; that is said once for the tenant. Approvals count until they were collected, or for the
--   period that their evidence names. An approver who is in no roster may or may not be the client's.
-- remediation: Import the approvals (`nhiscan evidence add FILE --kind change_approval`); have the
--   client's approver decide on what has none, and disable it until then.
WITH imported AS (
    SELECT e.tenant_id, e.period_start AS from_at, coalesce(e.period_end, e.collected_at) AS to_at
    FROM evidence AS e
    WHERE e.kind = 'change_approval'
    UNION
    -- what the MSP imports speaks for the clients that it names
    SELECT a.tenant_id, e.period_start, coalesce(e.period_end, e.collected_at)
    FROM change_approvals AS a
    JOIN evidence AS e ON e.evidence_id = a.evidence_id
),
first_read AS (
    SELECT c.account_id, min(c.recorded_at) AS read_at
    FROM coverage AS c
    GROUP BY c.account_id
),
made AS (
    SELECT
        i.*,
        -- where the platform does not tell: between the scan that showed it first and the one before
        coalesce(i.created_at, if(i.first_seen > r.read_at, i.first_seen, NULL)) AS made_at,
        made_at >= $now - to_days(CAST($provisioning_days AS INTEGER)) AS is_new
    FROM governed AS i
    LEFT JOIN first_read AS r ON r.account_id = i.account_id
),
judged AS (
    SELECT
        m.identity_id,
        a.approved_by,
        a.approver_org,
        a.approved_at,
        a.executed_at,
        a.requested_by,
        a.executed_by,
        a.ticket,
        a.evidence_id,
        -- an approval that tells when it was carried out is of that; else of the making
        coalesce(a.executed_at, m.made_at) AS done_at,
        NOT coalesce(m.is_new, false)
        OR coalesce(a.executed_at > m.made_at + INTERVAL 1 DAY, false) AS is_change,
        CASE
            WHEN a.is_own THEN 'approved by whoever asked for it or did it'
            WHEN a.approved_at > done_at + to_hours(CAST($provisioning_grace_hours AS INTEGER))
                THEN 'approved only afterwards'
            WHEN NOT a.is_entitled THEN 'approved by somebody whose approval it does not need'
            WHEN a.is_entitled IS NULL THEN 'approved by somebody who is in no roster'
        END AS problem
    FROM change_approvals AS a
    JOIN made AS m ON m.identity_id = a.identity_id
    WHERE coalesce(m.is_new, false)
        OR a.executed_at >= $now - to_days(CAST($provisioning_days AS INTEGER))
),
states AS (
    SELECT
        m.*,
        bool_or(NOT j.is_change AND j.problem IS NULL) AS is_approved,
        count(j.evidence_id) FILTER (NOT j.is_change) AS approvals,
        -- the approval that lacks least speaks for the making, the worst of them for the changes
        min(j.problem) FILTER (NOT j.is_change AND j.problem LIKE '% no roster') AS stranger,
        max(j.problem) FILTER (NOT j.is_change) AS making,
        max(j.problem) FILTER (j.is_change) AS changing,
        list({
            'approved_by': j.approved_by, 'of': j.approver_org, 'approved_at': j.approved_at,
            'done_at': j.done_at, 'requested_by': j.requested_by, 'executed_by': j.executed_by,
            'ticket': j.ticket, 'problem': j.problem, 'evidence_id': j.evidence_id
        } ORDER BY j.approved_at, j.evidence_id) FILTER (j.evidence_id IS NOT NULL) AS approvals_of_it,
        EXISTS (
            FROM imported AS e
            WHERE e.tenant_id = m.tenant_id
                AND m.made_at < e.to_at
                AND (e.from_at IS NULL OR m.made_at >= e.from_at)
        ) AS is_covered
    FROM made AS m
    LEFT JOIN judged AS j ON j.identity_id = m.identity_id
    GROUP BY ALL
),
verdicts AS (
    SELECT
        *,
        CASE
            WHEN NOT coalesce(is_new, false) OR coalesce(is_approved, false) THEN NULL
            WHEN approvals > 0 THEN coalesce(stranger, making)
            WHEN is_covered THEN 'no approval of it'
        END AS unmade,
        coalesce(unmade, changing) AS problem
    FROM states
)
SELECT
    if(v.problem LIKE '% no roster' OR len(v.unread) > 0, 'unknown', 'open') AS verdict,
    v.tenant_id,
    v.account_id,
    v.identity_id,
    v.identity_id AS subject,
    v.name || if(v.unmade IS NULL, ' was changed: ', ' was made: ') || v.problem AS title,
    v.name,
    v.native_id,
    v.created_at,
    v.created_by,
    v.first_seen,
    v.approvals_of_it AS approvals,
    'an approval before it by a person of the client, who neither asked for it nor did it'
        AS would_change,
    v.rests_on,
    list_concat(
        v.unread,
        if(v.problem LIKE '% no roster', ['the roster: who approved it'], CAST([] AS VARCHAR[]))
    ) AS unread
FROM verdicts AS v
WHERE v.problem IS NOT NULL
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    v.tenant_id,
    -- who keeps no control matrix was not asked to import any
    if(v.tenant_id IN (SELECT c.tenant_id FROM control_instances AS c), 'approvals', NULL)
        AS subject,
    if(
        EXISTS (FROM imported AS e WHERE e.tenant_id = v.tenant_id),
        'identities of ' || v.tenant_id || ' were made outside the time that imported approvals cover',
        'no approval of a change at ' || v.tenant_id || ' was ever imported'
    ) AS title,
    'approvals of the time in which they were made' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    ['approvals: not imported'] AS unread
FROM verdicts AS v
WHERE v.is_new AND v.approvals = 0 AND NOT v.is_covered
GROUP BY v.tenant_id
ORDER BY tenant_id, account_id, name, identity_id
