-- Collects what the clouds say of owners: owner tags, claims of providers, contacts of accounts.

-- Tags of the current version under an owner's key, and since when they have said so: the scan that
-- first showed the value in an unbroken row of versions.
CREATE OR REPLACE TEMP TABLE owner_tag AS
WITH tagged AS (
    SELECT i.identity_id, i.tenant_id, i.valid_from,
        unnest(map_entries(i.tags::MAP(VARCHAR, VARCHAR)), max_depth := 2)
    FROM identity_version AS i
    WHERE i.valid_to IS NULL AND i.class <> 'platform' AND i.tags::VARCHAR <> '{}'
),
owning AS (
    SELECT t.identity_id, t.tenant_id, t.valid_from, t.key, t.value
    FROM tagged AS t
    WHERE list_contains($owner_tags::VARCHAR[], lower(trim(t.key)))
),
earlier AS (
    SELECT o.identity_id, o.key, v.valid_from,
        map_extract_value(v.tags::MAP(VARCHAR, VARCHAR), o.key) IS NOT DISTINCT FROM o.value AS same
    FROM owning AS o
    JOIN identity_version AS v
        ON v.identity_id = o.identity_id AND v.valid_to IS NOT NULL
),
since AS (
    SELECT e.identity_id, e.key,
        min(e.valid_from) FILTER (e.same AND e.valid_from > coalesce(d.differed_at, '-infinity'))
            AS since
    FROM earlier AS e
    LEFT JOIN (
        SELECT x.identity_id, x.key, max(x.valid_from) AS differed_at
        FROM earlier AS x WHERE NOT x.same GROUP BY ALL
    ) AS d ON d.identity_id = e.identity_id AND d.key = e.key
    GROUP BY ALL
)
SELECT o.identity_id, o.tenant_id, o.key, o.value, coalesce(s.since, o.valid_from) AS observed_at
FROM owning AS o
LEFT JOIN since AS s ON s.identity_id = o.identity_id AND s.key = o.key;

CREATE OR REPLACE TEMP TABLE account_claim AS
SELECT c.subject_id AS account_id, c.tenant_id, c.reference, c.signal, c.role, c.observed_at,
    c.by_machine, c.departed, c.evidence
FROM claim_version AS c
WHERE c.valid_to IS NULL AND c.subject = 'account'
UNION ALL
SELECT a.account_id, a.tenant_id, a.value, 'S12', 'accountable', NULL, NULL, NULL,
    'tag ' || a.key || ' of the account'
FROM (
    SELECT v.account_id, v.tenant_id,
        unnest(map_entries(v.tags::MAP(VARCHAR, VARCHAR)), max_depth := 2)
    FROM account_version AS v
    WHERE v.valid_to IS NULL AND v.state <> 'unmapped' AND v.tags::VARCHAR <> '{}'
) AS a
WHERE list_contains($owner_tags::VARCHAR[], lower(trim(a.key)));

CREATE OR REPLACE TEMP TABLE cloud_claim AS
SELECT o.identity_id, o.tenant_id, o.value AS text, 'S3' AS signal, 'accountable' AS role,
    o.observed_at, NULL::BOOLEAN AS by_machine, NULL::BOOLEAN AS departed,
    'tag ' || o.key AS evidence
FROM owner_tag AS o
UNION ALL
-- Without a time of its own, a claim is as old as the scan that first showed it.
SELECT i.identity_id, i.tenant_id, c.reference, c.signal, c.role,
    coalesce(c.observed_at, c.valid_from), c.by_machine, c.departed, c.evidence
FROM claim_version AS c
JOIN identity_version AS i
    ON i.identity_id = c.subject_id AND i.valid_to IS NULL AND i.class <> 'platform'
WHERE c.valid_to IS NULL AND c.subject = 'identity'
UNION ALL
SELECT i.identity_id, i.tenant_id, c.reference, c.signal, c.role, c.observed_at, c.by_machine,
    c.departed, c.evidence
FROM account_claim AS c
JOIN identity_version AS i
    ON i.account_id = c.account_id AND i.tenant_id = c.tenant_id
    AND i.valid_to IS NULL AND i.class <> 'platform';
