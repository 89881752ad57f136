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
        WHERE h.level <> 'credential' AND EXISTS (FROM signed_name)
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
)
SELECT c.*, n.identity_id IS NOT NULL AS is_named
FROM concerned AS c
LEFT JOIN named AS n
    ON n.level = c.level AND n.key = c.key AND n.identity_id = c.identity_id;

-- Whom each of them lets in, and how many clients let that principal in.
CREATE OR REPLACE TEMP TABLE sharing_trust AS
WITH lets_in AS (
    SELECT c.level, c.key, c.identity_id, c.client_group, t.trust_id, t.principal,
        r.principal_identity_id, bool_or(c.is_named OR s.name IS NOT NULL) AS is_named
    FROM sharing_identity AS c
    JOIN trust_version AS t
        ON t.identity_id = c.identity_id AND t.valid_to IS NULL
        AND t.verdict NOT IN ('broken', 'dangling')
        AND t.provider || ':' || coalesce(t.principal_organization, t.principal_account) = c.key
    LEFT JOIN staged_trust_relation AS r ON r.trust_id = t.trust_id
    LEFT JOIN signed_name AS s
        ON s.client_group = c.client_group AND s.name IN (t.principal, t.principal_native_id)
        AND (s.provider IS NULL OR s.provider = t.provider)
    GROUP BY ALL
),
clients AS (
    SELECT l.level, l.key, l.principal, count(DISTINCT l.client_group) AS clients
    FROM lets_in AS l
    GROUP BY ALL
)
SELECT l.*, c.clients
FROM lets_in AS l
JOIN clients AS c ON c.level = l.level AND c.key = l.key AND c.principal = l.principal;

CREATE OR REPLACE TEMP TABLE sharing_covered AS
WITH whole AS (
    SELECT t.level, t.key, t.identity_id, bool_and(t.is_named) AS is_named
    FROM sharing_trust AS t
    GROUP BY ALL
)
SELECT c.level, c.key, c.client_group, bool_and(c.is_named OR coalesce(w.is_named, false)) AS covered
FROM sharing_identity AS c
LEFT JOIN whole AS w
    ON w.level = c.level AND w.key = c.key AND w.identity_id = c.identity_id
GROUP BY c.level, c.key, c.client_group;

UPDATE staged_shared AS h
SET sanctioned = true
FROM (
    SELECT c.level, c.key
    FROM sharing_client AS c
    LEFT JOIN sharing_covered AS i
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

-- Of an account or a partner that is not signed for as a whole, single identities may be: those that
-- let in only what every client that lets it in has signed for.
UPDATE staged_shared AS h
SET signed_ids = o.identity_ids
FROM (
    SELECT t.level, t.key, list(t.identity_id ORDER BY t.identity_id) AS identity_ids
    FROM (
        SELECT t.level, t.key, t.identity_id
        FROM sharing_trust AS t
        LEFT JOIN staged_shared AS p
            ON p.level = 'principal' AND p.sanctioned
            AND p.key IN (t.principal, t.principal_identity_id)
        GROUP BY t.level, t.key, t.identity_id
        HAVING bool_and(p.key IS NOT NULL OR (t.clients = 1 AND t.is_named))
    ) AS t
    GROUP BY t.level, t.key
) AS o
WHERE h.level = o.level AND h.key = o.key;

UPDATE staged_shared AS h SET signed_ids = h.identity_ids WHERE h.sanctioned;
