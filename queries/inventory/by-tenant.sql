-- title: One line per client
-- why: Where to look first, and how far each line can be trusted.
-- unknown: verdict is unknown where any read of the client's accounts was not whole; unread says
--   how many. Counts are then of what was seen, and not of what there is.
WITH counted AS (
    SELECT
        tenant_id,
        count(*) FILTER (class NOT IN ('human', 'platform')) AS machines,
        count(*) FILTER (class = 'ambiguous') AS ambiguous,
        count(*) FILTER (class = 'human') AS people,
        count(*) FILTER (class = 'platform') AS platform,
        count(*) FILTER (privilege = 'admin' AND class NOT IN ('human', 'platform')) AS admins,
        count(*) FILTER (coalesce(owner_status, 'unowned') = 'unowned'
            AND class NOT IN ('human', 'platform')) AS unowned,
        count(*) FILTER (owner_status = 'orphaned') AS orphaned,
        count(*) FILTER (reach_tenants > 0) AS reaching_others
    FROM identities AS i
    -- what is part of another is counted as that
    WHERE NOT EXISTS (SELECT 1 FROM identities AS w WHERE w.identity_id = i.part_of)
    GROUP BY tenant_id
),
failing AS (
    SELECT
        tenant_id,
        count(*) FILTER (status = 'open') AS open_findings,
        count(*) FILTER (status = 'unknown') AS unknown_findings,
        count(*) FILTER (status IN ('open', 'unknown') AND severity = 'critical') AS critical,
        count(*) FILTER (status IN ('open', 'unknown') AND due_at < $now) AS overdue
    FROM findings
    GROUP BY tenant_id
),
read AS (
    SELECT
        tenant_id,
        count(DISTINCT account_id) AS accounts_read,
        min(read_at) AS oldest_read_at,
        flatten(list(unread)) AS unread
    FROM read_spots
    GROUP BY tenant_id
)
SELECT
    if(r.tenant_id IS NULL OR len(r.unread) > 0, 'unknown', 'known') AS verdict,
    t.tenant_id,
    t.name,
    t.kind,
    t.client_group,
    coalesce(c.machines, 0) AS machines,
    coalesce(c.ambiguous, 0) AS ambiguous,
    coalesce(c.platform, 0) AS platform,
    coalesce(c.people, 0) AS people,
    coalesce(c.admins, 0) AS admins,
    coalesce(c.unowned, 0) AS unowned,
    coalesce(c.orphaned, 0) AS orphaned,
    coalesce(c.reaching_others, 0) AS reaching_others,
    coalesce(f.open_findings, 0) AS open_findings,
    coalesce(f.unknown_findings, 0) AS unknown_findings,
    coalesce(f.critical, 0) AS critical,
    coalesce(f.overdue, 0) AS overdue,
    coalesce(r.accounts_read, 0) AS accounts_read,
    r.oldest_read_at,
    coalesce(r.unread, ['nothing of it was ever read']) AS unread
FROM tenants AS t
LEFT JOIN counted AS c ON c.tenant_id = t.tenant_id
LEFT JOIN failing AS f ON f.tenant_id = t.tenant_id
LEFT JOIN read AS r ON r.tenant_id = t.tenant_id
ORDER BY t.kind, t.tenant_id
