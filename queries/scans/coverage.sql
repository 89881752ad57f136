-- title: What was read, and what was not
-- why: Every other answer is worth as much as the reads behind it.
-- param: state text null only sources in this state, such as denied
-- unknown: verdict is unknown for every source that was not read whole, and for accounts that are
--   known and were never read.
SELECT
    if(c.state IN ('complete', 'not_available'), 'known', 'unknown') AS verdict,
    c.tenant_id,
    c.account_id,
    a.name AS account,
    c.source,
    c.region,
    c.state,
    c.reason,
    c.rows,
    c.calls,
    c.optional,
    c.read_at
FROM latest_coverage AS c
LEFT JOIN accounts AS a ON a.account_id = c.account_id
WHERE $state IS NULL OR c.state = $state
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    a.tenant_id,
    a.account_id,
    a.name AS account,
    'not scanned' AS state,
    coalesce(a.reason, 'no scan has read it yet') AS reason
FROM accounts AS a
WHERE ($state IS NULL OR $state = 'not scanned')
    AND a.account_id NOT IN (
        SELECT identities.account_id FROM identities
        UNION
        SELECT latest_coverage.account_id
        FROM latest_coverage
        WHERE latest_coverage.source NOT IN (
            SELECT premises.source FROM premises WHERE premises.topic = 'accounts'
        )
    )
ORDER BY verdict DESC, tenant_id, account_id, source, region
