-- comment: How each source of each account was read last: what an absence there is worth.
-- history: no
-- column tenant_id: Tenant of the account.
-- column account_id: The account.
-- column source: The source.
-- column region: The region, or global.
-- column spot: The two as text: source (region).
-- column unread: Empty if it was read whole, else one text: source (region): state, reason.
-- column read_at: When it was read.
SELECT c.tenant_id, c.account_id, c.source, c.region, c.source || ' (' || c.region || ')' AS spot,
    CASE
        WHEN c.state IN ('complete', 'not_available') THEN []::VARCHAR[]
        ELSE [
            c.source || ' (' || c.region || '): ' || c.state || coalesce(', ' || c.reason, '')
        ]
    END AS unread,
    c.read_at
FROM latest_coverage c
