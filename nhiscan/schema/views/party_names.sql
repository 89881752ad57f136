-- comment: Which party of the roster a record means by a name: by id, address, alias or name, where one alone is so called.
-- history: no
-- column ref: The name in lower case.
-- column party_id: The party.
-- column name: Its name.
-- column kind: As in parties.
-- column org: As in parties.
-- column employment: As in parties.
-- column since: As in parties.
WITH called AS (
    SELECT lower(trim(p.party_id)) AS ref, 0 AS place, p.* FROM parties p
    UNION ALL
    SELECT lower(trim(p.email)), 1, p.* FROM parties p WHERE p.email IS NOT NULL
    UNION ALL
    SELECT lower(trim(unnest(p.aliases))), 2, p.* FROM parties p
    UNION ALL
    SELECT lower(trim(p.name)), 3, p.* FROM parties p WHERE p.name IS NOT NULL
),
-- of two rows with one address the one that is still here
best AS (
    SELECT *
    FROM called
    WHERE ref <> ''
    QUALIFY rank() OVER (PARTITION BY ref ORDER BY place, employment = 'left') = 1
)
SELECT b.ref, any_value(b.party_id) AS party_id, any_value(b.name) AS name,
    any_value(b.kind) AS kind, any_value(b.org) AS org, any_value(b.employment) AS employment,
    any_value(b.since) AS since
FROM best b
GROUP BY b.ref
HAVING count(DISTINCT b.party_id) = 1
