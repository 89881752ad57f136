-- Control totals of $tenant, account by account: what the last read of the period gave, what the store
-- held at its end, and what the population of this pack lists as there.
WITH reads AS (
    SELECT
        account_id,
        max(recorded_at) AS read_at,
        arg_max(scan_id, recorded_at) AS scan_id
    FROM coverage
    WHERE tenant_id = $tenant AND recorded_at >= $start AND recorded_at < $end
    GROUP BY account_id
),
given AS (
    SELECT
        c.account_id,
        sum(c.calls) AS calls,
        sum(c.rows) AS records_read,
        count(*) AS sources,
        count(*) FILTER (c.state IN ('complete', 'not_available')) AS sources_whole
    FROM coverage AS c
    JOIN reads AS r ON r.account_id = c.account_id AND r.scan_id = c.scan_id
    WHERE c.tenant_id = $tenant
    GROUP BY c.account_id
),
stored AS (
    SELECT account_id, count(DISTINCT identity_id) AS identities_stored
    FROM identities_history
    WHERE tenant_id = $tenant AND valid_from < $end AND (valid_to IS NULL OR valid_to > $end)
    GROUP BY account_id
)
SELECT
    $tenant AS tenant_id,
    a.account_id,
    r.read_at,
    g.calls,
    g.records_read,
    g.sources,
    g.sources_whole,
    coalesce(s.identities_stored, 0) AS identities_stored
FROM (
    SELECT account_id FROM accounts WHERE tenant_id = $tenant
    UNION
    SELECT account_id FROM stored
) AS a
LEFT JOIN reads AS r ON r.account_id = a.account_id
LEFT JOIN given AS g ON g.account_id = a.account_id
LEFT JOIN stored AS s ON s.account_id = a.account_id
ORDER BY a.account_id
