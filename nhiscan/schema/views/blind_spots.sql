-- comment: What cannot be concluded about accounts: one row per topic and source that was not read whole.
-- history: no
-- column topic: The kind of conclusion, as in premises.
-- column tenant_id: Tenant of the account.
-- column account_id: The account, or the entry whose plan asked for the source.
-- column source: The source.
-- column native_types: Types of identities whose facts it holds; empty if it is about the account or any type.
-- column title: What was not read, in words.
-- column unread: The same as a list of texts: source (region): state, reason.
WITH unread AS (
    SELECT s.tenant_id, s.account_id, s.source, flatten(list(s.unread ORDER BY s.region)) AS unread
    FROM read_spots s
    WHERE len(s.unread) > 0
    GROUP BY ALL
),
relevant AS (
    SELECT p.topic, p.source, p.native_type, p.what FROM premises p
    UNION ALL
    SELECT DISTINCT p.topic, u.source, NULL, u.source
    FROM unread u
    CROSS JOIN premises p
    WHERE u.source NOT IN (SELECT listed.source FROM premises listed)
)
SELECT r.topic, u.tenant_id, u.account_id, u.source,
    coalesce(
        list(DISTINCT r.native_type ORDER BY r.native_type) FILTER (r.native_type IS NOT NULL), []
    ) AS native_types,
    r.what || ' of ' || u.account_id || ' could not be read whole' AS title,
    u.unread
FROM unread u
JOIN relevant r ON r.source = u.source
GROUP BY r.topic, u.tenant_id, u.account_id, u.source, r.what, u.unread
