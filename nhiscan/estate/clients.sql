-- Tenants, how their identities are owned, and how much of them was not read.
WITH counted AS (
    SELECT
        tenant_id,
        count(*) AS identities,
        count(*) FILTER (owner_status = 'attested') AS attested,
        count(*) FILTER (owner_status = 'declared') AS declared,
        count(*) FILTER (owner_status = 'inferred') AS inferred,
        count(*) FILTER (owner_status = 'suggested') AS suggested,
        count(*) FILTER (owner_status = 'conflict') AS conflict,
        count(*) FILTER (owner_status = 'team_only') AS team_only,
        count(*) FILTER (owner_status = 'orphaned') AS orphaned,
        count(*) FILTER (owner_status = 'unowned') AS unowned,
        count(*) FILTER (owner_status = 'platform') AS platform,
        count(*) FILTER (owner_status IS NULL) AS unresolved
    FROM identities
    GROUP BY tenant_id
),

unread AS (
    SELECT tenant_id, count(*) AS n
    FROM latest_coverage
    WHERE state NOT IN ('complete', 'not_available')
    GROUP BY tenant_id
),

reached AS (SELECT tenant_id, count(*) AS n FROM accounts GROUP BY tenant_id)

SELECT
    t.tenant_id, t.name, t.kind, t.client_group, coalesce(c.identities, 0) AS identities,
    coalesce(c.attested, 0) AS attested, coalesce(c.declared, 0) AS declared,
    coalesce(c.inferred, 0) AS inferred, coalesce(c.suggested, 0) AS suggested,
    coalesce(c.conflict, 0) AS conflict, coalesce(c.team_only, 0) AS team_only,
    coalesce(c.orphaned, 0) AS orphaned, coalesce(c.unowned, 0) AS unowned,
    coalesce(c.platform, 0) AS platform, coalesce(c.unresolved, 0) AS unresolved,
    coalesce(u.n, 0) AS unread_sources, coalesce(r.n, 0) AS accounts
FROM tenants AS t
LEFT JOIN counted AS c ON c.tenant_id = t.tenant_id
LEFT JOIN unread AS u ON u.tenant_id = t.tenant_id
LEFT JOIN reached AS r ON r.tenant_id = t.tenant_id
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, t.tenant_id)
ORDER BY t.kind = 'msp', t.tenant_id
