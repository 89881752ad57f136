-- comment: Accounts with sources that were not read whole at their last scan: nothing absent there is proven absent.
-- history: no
-- column tenant_id: Tenant of the account.
-- column account_id: The account.
-- column sources: Names of the sources that were not read whole.
-- column unread: The same as text: source (region): state, reason.
SELECT c.tenant_id, c.account_id,
    list(DISTINCT c.source ORDER BY c.source) AS sources,
    list(
        c.source || ' (' || c.region || '): ' || c.state || coalesce(', ' || c.reason, '')
        ORDER BY c.source, c.region
    ) AS unread
FROM latest_coverage c
WHERE c.state NOT IN ('complete', 'not_available')
GROUP BY c.tenant_id, c.account_id
