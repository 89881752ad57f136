-- The identity that each reference in records and events names, tenant by tenant: by id, native id,
-- immutable id, or a name that only one has. A client's records can name its own identities and those
-- of the MSP and of subservices, what the MSP imports can name any. What several are called names
-- none of them.
CREATE OR REPLACE TEMP TABLE staged_identity_name AS
WITH records AS (
    SELECT e.tenant_id, e.kind AS entry, e.body,
        unnest(CAST(coalesce(e.body -> 'records', e.body -> 'rows', '[]') AS JSON[])) AS record
    FROM ledger_entry AS e
    WHERE e.kind IN ('evidence', 'access_review')
),
refs AS (
    SELECT u.tenant_id, u.identity_ref AS ref FROM usage_event AS u
    UNION
    SELECT r.tenant_id, r.record ->> 'identity' FROM records AS r
    UNION
    SELECT r.tenant_id, unnest(CAST(coalesce(r.record -> 'identities', '[]') AS VARCHAR[]))
    FROM records AS r
),
matches AS (
    SELECT n.tenant_id, n.ref, i.identity_id,
        CASE
            WHEN i.identity_id = n.ref THEN 0
            WHEN i.native_id = n.ref THEN 1
            WHEN i.immutable_id = n.ref THEN 2
            ELSE 3
        END AS place,
        i.tenant_id <> n.tenant_id AS elsewhere,
        coalesce(i.provider || ':' || i.home_account <> i.account_id, false) AS guest,
        i.part_of IS NOT NULL AS part
    FROM refs AS n
    JOIN identity_version AS i
        ON i.valid_to IS NULL AND (
            i.identity_id = n.ref OR i.native_id = n.ref OR i.immutable_id = n.ref
            OR i.name = n.ref
        )
    JOIN tenant_version AS own ON own.tenant_id = n.tenant_id AND own.valid_to IS NULL
    JOIN tenant_version AS its ON its.tenant_id = i.tenant_id AND its.valid_to IS NULL
    WHERE n.ref IS NOT NULL AND (
        own.kind <> 'client' OR its.kind <> 'client' OR own.client_group = its.client_group
    )
),
best AS (
    SELECT m.tenant_id, m.ref, m.identity_id
    FROM matches AS m
    QUALIFY rank() OVER (
        PARTITION BY m.tenant_id, m.ref ORDER BY m.place, m.elsewhere, m.guest, m.part
    ) = 1
)
SELECT b.tenant_id, b.ref, any_value(b.identity_id) AS identity_id
FROM best AS b
GROUP BY b.tenant_id, b.ref
HAVING count(DISTINCT b.identity_id) = 1;
