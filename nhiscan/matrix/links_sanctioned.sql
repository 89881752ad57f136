-- What clients share is sanctioned only if every client concerned has signed a split that names it.

-- The names under which each client has agreed to be operated for, by a sign-off that holds: over
-- the text as it is, not run out, by somebody of the client who is still there (as rule CTL-04).
CREATE OR REPLACE TEMP TABLE signed_name AS
SELECT DISTINCT c.client_group, o.provider, o.name
FROM link_instance AS c
JOIN control_instance_version AS i ON i.instance_id = c.instance_id AND i.valid_to IS NULL
JOIN signoff_version AS s ON s.instance_id = c.instance_id AND s.valid_to IS NULL
JOIN party_version AS p ON p.party_id = s.signer_id AND p.valid_to IS NULL
JOIN known_tenant AS t ON p.org = 'client:' || t.tenant_id AND t.client_group = c.client_group
JOIN link_operator AS o ON o.instance_id = c.instance_id
WHERE i.responsibility LIKE 'shared%' AND s.covers_sha256 = i.text_sha256
    AND p.employment NOT IN ('left', 'unknown')
    AND s.signed_at <= $at::TIMESTAMPTZ::DATE
    AND coalesce(s.expires_at, (s.signed_at + to_months($months::INTEGER))::DATE)
        > $at::TIMESTAMPTZ::DATE;

CREATE OR REPLACE TEMP TABLE sharing_client AS
SELECT DISTINCT s.level, s.key, t.client_group
FROM (
    SELECT h.level, h.key, unnest(h.tenant_ids) AS tenant_id
    FROM staged_shared AS h
    WHERE h.level <> 'credential' AND EXISTS (FROM signed_name)
) AS s
JOIN known_tenant AS t ON t.tenant_id = s.tenant_id AND t.kind = 'client';

-- What is shared, by its own names: they cover all that it does at a client.
CREATE OR REPLACE TEMP TABLE sharing_name AS
SELECT s.level, s.key, n.provider, n.name
FROM staged_shared AS s
JOIN link_name AS n ON n.identity_id = s.key
WHERE s.level = 'principal'
UNION ALL
SELECT s.level, s.key, 'azure', lower(s.key) FROM staged_shared AS s
WHERE s.level = 'principal'
UNION ALL
SELECT s.level, s.key, split_part(s.key, ':', 1),
    s.key[length(split_part(s.key, ':', 1)) + 2:]
FROM staged_shared AS s
WHERE s.level IN ('trust', 'partner');

-- Else each of the client's identities that it concerns must be named, or all whom that lets in.
CREATE OR REPLACE TEMP TABLE sharing_identity AS
WITH concerned AS (
    SELECT s.level, s.key, i.identity_id, i.provider, t.client_group
    FROM (
        SELECT h.level, h.key, unnest(h.identity_ids) AS identity_id
        FROM staged_shared AS h
        WHERE h.level <> 'credential'
    ) AS s
    JOIN identity_version AS i ON i.identity_id = s.identity_id AND i.valid_to IS NULL
    JOIN known_tenant AS t ON t.tenant_id = i.tenant_id AND t.kind = 'client'
),
named AS (
    SELECT DISTINCT c.level, c.key, c.identity_id
    FROM concerned AS c
    JOIN link_name AS n ON n.identity_id = c.identity_id
    JOIN signed_name AS s
        ON s.client_group = c.client_group AND s.name = n.name
        AND (s.provider IS NULL OR s.provider = n.provider)
),
lets_in AS (
    SELECT c.level, c.key, c.identity_id, t.trust_id,
        bool_or(s.name IS NOT NULL) AS is_named
    FROM concerned AS c
    JOIN trust_version AS t
        ON t.identity_id = c.identity_id AND t.valid_to IS NULL
        AND t.verdict NOT IN ('broken', 'dangling')
        AND t.provider || ':' || coalesce(t.principal_organization, t.principal_account) = c.key
    LEFT JOIN signed_name AS s
        ON s.client_group = c.client_group AND s.name IN (t.principal, t.principal_native_id)
        AND (s.provider IS NULL OR s.provider = t.provider)
    GROUP BY ALL
),
all_named AS (
    SELECT l.level, l.key, l.identity_id FROM lets_in AS l GROUP BY ALL HAVING bool_and(l.is_named)
)
SELECT c.level, c.key, c.client_group, bool_and(
        (c.level, c.key, c.identity_id) IN (SELECT (n.level, n.key, n.identity_id) FROM named AS n)
        OR (c.level, c.key, c.identity_id)
            IN (SELECT (a.level, a.key, a.identity_id) FROM all_named AS a)
    ) AS covered
FROM concerned AS c
GROUP BY c.level, c.key, c.client_group;

UPDATE staged_shared AS h
SET sanctioned = true
FROM (
    SELECT c.level, c.key
    FROM sharing_client AS c
    LEFT JOIN sharing_identity AS i
        ON i.level = c.level AND i.key = c.key AND i.client_group = c.client_group
    GROUP BY c.level, c.key
    HAVING bool_and(coalesce(i.covered, false) OR EXISTS (
        FROM sharing_name AS n
        JOIN signed_name AS s
            ON s.name = n.name AND (s.provider IS NULL OR s.provider = n.provider)
        WHERE n.level = c.level AND n.key = c.key AND s.client_group = c.client_group
    ))
) AS ok
WHERE h.level = ok.level AND h.key = ok.key;
