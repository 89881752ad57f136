-- Shared identities of others than $client: the words that name each, and how many further clients use it.
-- What the client's own clouds call their own is not taken from it, unless it is the MSP's tool.
WITH belongs AS (
    SELECT tenant_id, kind, coalesce(client_group, tenant_id) AS client FROM tenants
),
own AS (
    SELECT DISTINCT unnest([i.native_id, i.immutable_id, i.name]) AS word
    FROM identities AS i
    JOIN belongs AS b ON b.tenant_id = i.tenant_id
    WHERE b.client = $client
),
tools AS (
    SELECT
        i.identity_id,
        i.native_id,
        i.immutable_id,
        i.name,
        any_value(b.kind) = 'msp' AS is_msp,
        count(DISTINCT t.client) FILTER (t.kind = 'client' AND t.client <> $client) AS others
    FROM shared AS s
    JOIN identities AS i ON list_contains(s.identity_ids, i.identity_id)
    JOIN belongs AS b ON b.tenant_id = i.tenant_id
    JOIN belongs AS t ON list_contains(s.tenant_ids, t.tenant_id)
    WHERE b.client <> $client
    GROUP BY ALL
),
named AS (
    SELECT
        t.native_id AS key,
        t.others,
        t.is_msp,
        unnest(['id', 'native', 'immutable', 'name']) AS kind,
        unnest([t.identity_id, t.native_id, t.immutable_id, t.name]) AS word
    FROM tools AS t
)
SELECT n.key, max(n.others) AS others, list(DISTINCT n.word ORDER BY n.word) AS words
FROM named AS n
WHERE n.word <> ''
    AND (
        n.kind = 'id'
        OR (n.kind <> 'name' AND n.is_msp)
        OR (
            len(n.word) >= 4
            AND NOT EXISTS (SELECT 1 FROM own AS o WHERE o.word = n.word)
        )
    )
GROUP BY n.key
ORDER BY n.key
