-- What of a tenant the newest reads do not show whole: sources, and accounts that nobody read at all.
-- In what its platform has closed or suspended nobody can act, and nobody can read.
-- What makes a scan incomplete does so here (`nhiscan.records.leaves_incomplete`); a source without a
-- licence does only where identities or accounts come from it.
SELECT DISTINCT s.account_id || ' ' || unnest(s.unread) AS gap
FROM read_spots AS s
JOIN latest_coverage AS c
    ON c.tenant_id = s.tenant_id
    AND c.account_id = s.account_id
    AND c.source = s.source
    AND c.region = s.region
WHERE s.tenant_id = $tenant
    AND (
        c.state IN ('throttled', 'unreachable')
        OR (NOT coalesce(c.optional, false) AND c.state IN ('partial', 'denied'))
        OR s.source IN (SELECT p.source FROM premises AS p WHERE p.topic IN ('identities', 'accounts'))
        -- what no adapter declares may be anything
        OR s.source NOT IN (SELECT p.source FROM premises AS p)
    )
UNION
SELECT a.account_id || ' not read: ' || coalesce(a.reason, 'no scan has read it yet')
FROM accounts AS a
WHERE a.tenant_id = $tenant
    AND a.state NOT IN ('closed', 'suspended', 'unmapped')
    AND a.account_id NOT IN (
        SELECT i.account_id FROM identities AS i
        UNION
        SELECT c.account_id
        FROM latest_coverage AS c
        WHERE c.source NOT IN (SELECT p.source FROM premises AS p WHERE p.topic = 'accounts')
    )
    -- what lies in a directory or organization that was read as a whole is read with it
    AND (
        a.reason IS NOT NULL
        OR NOT EXISTS (
            FROM latest_coverage AS o
            WHERE o.account_id = a.provider || ':' || a.organization
                AND o.source NOT IN (SELECT p.source FROM premises AS p WHERE p.topic = 'accounts')
        )
    )
UNION
-- shown by a read that the last scan did not make again, such as of a region that was left out
SELECT i.account_id || ' ' || i.source || ' (' || i.region || '): not asked at the last scan'
FROM identities AS i
WHERE i.tenant_id = $tenant
    AND NOT EXISTS (
        FROM read_spots AS r
        WHERE r.tenant_id = i.tenant_id
            AND r.account_id = i.account_id
            AND r.source = i.source
            AND r.region = i.region
    )
ORDER BY gap
