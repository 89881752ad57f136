-- How each tenant stood at each of the newest $scans scans.
WITH newest AS (
    SELECT scan_id, started_at AS at, state FROM scans
    ORDER BY started_at DESC, scan_id DESC LIMIT $scans
),

stood AS (
    SELECT
        n.at, f.tenant_id,
        count(*) FILTER (f.status = 'open') AS open,
        count(*) FILTER (f.status = 'unknown') AS unknown,
        count(*) FILTER (f.status = 'accepted') AS accepted,
        count(*) FILTER (f.status = 'resolved') AS resolved
    FROM newest AS n
    JOIN findings_history AS f
        ON f.valid_from <= n.at AND coalesce(f.valid_to, 'infinity'::TIMESTAMPTZ) > n.at
    GROUP BY ALL
),

owned AS (
    SELECT
        n.at, i.tenant_id, count(DISTINCT i.identity_id) AS identities,
        count(DISTINCT i.identity_id) FILTER (
            r.owner_status IN ('attested', 'declared', 'inferred')
        ) AS owned
    FROM newest AS n
    JOIN identity_version AS i
        ON i.valid_from <= n.at AND coalesce(i.valid_to, 'infinity'::TIMESTAMPTZ) > n.at
    LEFT JOIN resolution_version AS r
        ON r.identity_id = i.identity_id
        AND r.valid_from <= n.at AND coalesce(r.valid_to, 'infinity'::TIMESTAMPTZ) > n.at
    GROUP BY ALL
)

SELECT
    n.at, n.scan_id, n.state, o.tenant_id, o.identities, o.owned, coalesce(s.open, 0) AS open,
    coalesce(s.unknown, 0) AS unknown, coalesce(s.accepted, 0) AS accepted,
    coalesce(s.resolved, 0) AS resolved_until
FROM newest AS n
JOIN owned AS o ON o.at = n.at
LEFT JOIN stood AS s ON s.at = n.at AND s.tenant_id = o.tenant_id
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, o.tenant_id)
ORDER BY n.at, o.tenant_id
