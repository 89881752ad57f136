-- Adds staged events, each with the identity that it names by id, native id, immutable id or an
-- unambiguous name, and the tenant by id or name. What several are called names none of them.
INSERT INTO usage_event
WITH named AS (
    SELECT DISTINCT u.identity AS ref FROM staged_usage AS u
),
matches AS (
    SELECT n.ref, i.identity_id,
        CASE
            WHEN i.identity_id = n.ref THEN 0
            WHEN i.native_id = n.ref THEN 1
            WHEN i.immutable_id = n.ref THEN 2
            ELSE 3
        END AS place,
        coalesce(i.home_account_id <> i.account_id, false) AS guest
    FROM named AS n
    JOIN identities AS i
        ON i.identity_id = n.ref OR i.native_id = n.ref OR i.immutable_id = n.ref OR i.name = n.ref
),
best AS (
    SELECT m.ref, m.identity_id
    FROM matches AS m
    QUALIFY rank() OVER (PARTITION BY m.ref ORDER BY m.place, m.guest) = 1
),
one AS (
    SELECT b.ref, any_value(b.identity_id) AS identity_id
    FROM best AS b
    GROUP BY b.ref
    HAVING count(DISTINCT b.identity_id) = 1
)
SELECT $evidence_id, $tenant_id, u.line, u.identity, o.identity_id, u.time, u.target,
    coalesce(t.tenant_id, n.tenant_id), u.action, u.correlation, u.actor, s.tenant_id
FROM staged_usage AS u
LEFT JOIN one AS o ON o.ref = u.identity
LEFT JOIN tenants AS t ON t.tenant_id = u.target
LEFT JOIN (
    SELECT m.name, any_value(m.tenant_id) AS tenant_id
    FROM tenants AS m GROUP BY m.name HAVING count(*) = 1
) AS n ON n.name = u.target
LEFT JOIN tenants AS s ON s.tenant_id = u.log_source
