-- title: How much of each client is seen: accounts, sources, and identities whose use is known
-- why: R21: visibility is measured, not assumed; every number elsewhere is worth as much as these.
-- param: tenant text null only this client
-- unknown: Accounts that no entry of the configuration leads to are not counted: compare with the
--   contract. Use is known if the platform told a last use or that there was none.
WITH seen AS (
    SELECT DISTINCT c.account_id
    FROM latest_coverage AS c
    WHERE c.source NOT IN (SELECT p.source FROM premises AS p WHERE p.topic = 'accounts')
        AND c.state IN ('complete', 'partial', 'not_available')
),
scanned AS (
    SELECT
        a.tenant_id,
        a.account_id,
        -- what lies in a directory or organization that was read as a whole is read with it
        a.account_id IN (SELECT s.account_id FROM seen AS s)
        OR a.account_id IN (SELECT i.account_id FROM identities AS i)
        OR (
            a.reason IS NULL
            AND coalesce(a.provider || ':' || a.organization, '') IN (SELECT s.account_id FROM seen AS s)
        ) AS is_scanned
    FROM accounts AS a
    WHERE a.state NOT IN ('closed', 'unmapped')
),
expected AS (
    SELECT
        tenant_id,
        count(*) AS accounts_expected,
        count(*) FILTER (is_scanned) AS accounts_scanned,
        list(account_id ORDER BY account_id) FILTER (NOT is_scanned) AS accounts_not_scanned
    FROM scanned
    GROUP BY tenant_id
),
sources AS (
    SELECT
        tenant_id,
        count(*) AS sources,
        count(*) FILTER (state IN ('complete', 'not_available')) AS sources_whole,
        count(*) FILTER (state = 'denied') AS sources_denied,
        list(DISTINCT account_id || ' ' || source || ': ' || state
            ORDER BY account_id || ' ' || source || ': ' || state)
            FILTER (state NOT IN ('complete', 'not_available')) AS not_whole
    FROM latest_coverage
    GROUP BY tenant_id
),
used AS (
    SELECT
        tenant_id,
        count(*) AS identities,
        count(*) FILTER (usage IN ('known', 'never')) AS usage_known
    FROM identities
    WHERE class NOT IN ('human', 'platform')
    GROUP BY tenant_id
)
SELECT
    t.tenant_id,
    coalesce(e.accounts_expected, 0) AS accounts_expected,
    coalesce(e.accounts_scanned, 0) AS accounts_scanned,
    coalesce(e.accounts_not_scanned, []) AS accounts_not_scanned,
    coalesce(s.sources, 0) AS sources,
    coalesce(s.sources_whole, 0) AS sources_whole,
    coalesce(s.sources_denied, 0) AS sources_denied,
    coalesce(s.not_whole, []) AS not_whole,
    coalesce(u.identities, 0) AS identities,
    coalesce(u.usage_known, 0) AS usage_known,
    round(100 * u.usage_known / nullif(u.identities, 0), 1) AS usage_known_percent,
    CASE
        WHEN s.tenant_id IS NULL THEN 'unknown'
        WHEN len(e.accounts_not_scanned) > 0 OR len(s.not_whole) > 0 THEN 'fail'
        ELSE 'pass'
    END AS verdict
FROM tenants AS t
LEFT JOIN expected AS e ON e.tenant_id = t.tenant_id
LEFT JOIN sources AS s ON s.tenant_id = t.tenant_id
LEFT JOIN used AS u ON u.tenant_id = t.tenant_id
WHERE $tenant IS NULL OR t.tenant_id = $tenant
ORDER BY t.tenant_id
