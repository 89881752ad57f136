-- The identity that each reference of events of use names: by id, native id, immutable id or a name
-- that only one has. What several are called names none of them.
CREATE OR REPLACE TEMP TABLE staged_usage_name AS
WITH named AS (
    SELECT DISTINCT u.identity_ref AS ref FROM usage_event AS u
),
matches AS (
    SELECT n.ref, i.identity_id,
        CASE
            WHEN i.identity_id = n.ref THEN 0
            WHEN i.native_id = n.ref THEN 1
            WHEN i.immutable_id = n.ref THEN 2
            ELSE 3
        END AS place,
        coalesce(i.provider || ':' || i.home_account <> i.account_id, false) AS guest
    FROM named AS n
    JOIN identity_version AS i
        ON i.valid_to IS NULL AND (
            i.identity_id = n.ref OR i.native_id = n.ref OR i.immutable_id = n.ref
            OR i.name = n.ref
        )
),
best AS (
    SELECT m.ref, m.identity_id
    FROM matches AS m
    QUALIFY rank() OVER (PARTITION BY m.ref ORDER BY m.place, m.guest) = 1
)
SELECT b.ref AS identity_ref, any_value(b.identity_id) AS identity_id
FROM best AS b
GROUP BY b.ref
HAVING count(DISTINCT b.identity_id) = 1;
