-- title: Every identity created in a period, each with its approval: an auditor's population
-- why: R13: samples are drawn from all that was created, what is gone again included; the totals tie
--   the rows to what the clouds gave.
-- param: tenant text null only this client
-- param: from time null begin of the period; default all time
-- param: to time null first moment after it; default now
-- unknown: Where the platform does not tell when an identity was made, the scan that showed it first
--   stands for it, unless that was the first of its account: then it is no creation that anybody saw.
--   `not_read_whole` is what the last reads of the tenant left out: the population has such gaps.
WITH first_read AS (
    SELECT c.account_id, min(c.recorded_at) AS read_at
    FROM coverage AS c
    GROUP BY c.account_id
),
gaps AS (
    SELECT r.tenant_id, count(*) AS spots
    FROM read_spots AS r
    WHERE len(r.unread) > 0
    GROUP BY r.tenant_id
),
versions AS (
    SELECT
        h.tenant_id,
        h.account_id,
        h.identity_id,
        max_by(h.kind, h.valid_from) AS kind,
        max_by(h.class, h.valid_from) AS class,
        max_by(h.native_id, h.valid_from) AS native_id,
        max_by(h.name, h.valid_from) AS name,
        max_by(h.created_by, h.valid_from) AS created_by,
        max(h.created_at) AS created_at,
        min(h.first_seen) AS first_seen,
        if(bool_or(h.valid_to IS NULL), NULL, max(h.valid_to)) AS gone_at
    FROM identities_history AS h
    GROUP BY h.tenant_id, h.account_id, h.identity_id
),
made AS (
    SELECT
        v.*,
        coalesce(v.created_at, if(v.first_seen > r.read_at, v.first_seen, NULL)) AS made_at
    FROM versions AS v
    LEFT JOIN first_read AS r ON r.account_id = v.account_id
),
chosen AS (
    SELECT *
    FROM made
    WHERE ($tenant IS NULL OR tenant_id = $tenant)
        AND made_at < coalesce($to, $now)
        AND ($from IS NULL OR made_at >= $from)
),
best AS (
    -- the approval that could count, else the first
    SELECT a.*
    FROM change_approvals AS a
    JOIN chosen AS c ON c.identity_id = a.identity_id
    QUALIFY row_number() OVER (
        PARTITION BY a.identity_id
        ORDER BY
            NOT a.is_own AND coalesce(a.is_entitled, false) AND a.approved_at <= c.made_at DESC,
            a.approved_at,
            a.evidence_id
    ) = 1
)
SELECT
    c.*,
    CASE
        WHEN b.evidence_id IS NULL THEN 'none was imported'
        WHEN b.is_own THEN 'by whoever asked or did it'
        WHEN b.approved_at > c.made_at THEN 'afterwards'
        WHEN b.is_entitled IS NULL THEN 'by somebody in no roster'
        WHEN NOT b.is_entitled THEN 'by somebody whose approval it does not need'
        ELSE 'before'
    END AS approval,
    b.requested_by,
    b.approved_by,
    b.approver_org,
    b.approved_at,
    b.ticket,
    b.evidence_id,
    count(*) OVER (PARTITION BY c.tenant_id) AS created_of_tenant,
    count(*) FILTER (b.evidence_id IS NOT NULL) OVER (PARTITION BY c.tenant_id)
        AS with_approval_of_tenant,
    coalesce(g.spots, 0) AS not_read_whole
FROM chosen AS c
LEFT JOIN best AS b ON b.identity_id = c.identity_id
LEFT JOIN gaps AS g ON g.tenant_id = c.tenant_id
ORDER BY c.tenant_id, c.made_at, c.account_id, c.identity_id
