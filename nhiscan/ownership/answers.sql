-- Collects what people say of owners: attestations, the imported register, naming conventions, and
-- who is accountable for the controls that an identity operates.

-- What is said of one object of a thing is said of the whole: an application and its principal.
CREATE OR REPLACE TEMP TABLE same_thing AS
SELECT o.identity_id AS said_of, i.identity_id, i.tenant_id, i.created_at
FROM (
    SELECT a.identity_id FROM attestation AS a
    UNION
    SELECT c.identity_id FROM imported_claim AS c
) AS s
JOIN identity_version AS o ON o.identity_id = s.identity_id AND o.valid_to IS NULL
JOIN identity_version AS i
    ON coalesce(i.part_of, i.identity_id) = coalesce(o.part_of, o.identity_id)
    AND i.valid_to IS NULL AND i.class <> 'platform';

-- The newest answer of each person about each identity. What was said before an identity was made
-- is about a namesake that is gone.
CREATE OR REPLACE TEMP TABLE answer AS
SELECT i.identity_id, i.tenant_id, a.party_id, a.is_owner, a.attested_by, a.attested_at,
    a.expires_at, a.note, a.recorded_at, a.attestation_id
FROM attestation AS a
JOIN same_thing AS i ON i.said_of = a.identity_id
WHERE coalesce(i.created_at <= a.attested_at, true)
QUALIFY row_number() OVER (
    PARTITION BY i.identity_id, a.party_id
    ORDER BY a.attested_at DESC, a.recorded_at DESC, a.attestation_id DESC
) = 1;

-- Whoever said that it is not theirs: nothing else that names them counts until then.
CREATE OR REPLACE TEMP TABLE denial AS
SELECT a.identity_id, coalesce(p.same_as, a.party_id) AS party_id, max(a.attested_by) AS attested_by,
    max(a.attested_at) AS attested_at, max(a.expires_at) AS expires_at
FROM answer AS a
LEFT JOIN staged_party AS p ON p.party_id = a.party_id
WHERE NOT a.is_owner AND a.expires_at > $at::TIMESTAMPTZ
GROUP BY a.identity_id, coalesce(p.same_as, a.party_id);

CREATE OR REPLACE TEMP TABLE attested_claim AS
WITH ranked AS (
    SELECT a.*, first_value(a.party_id) OVER newest AS newest_id,
        row_number() OVER newest AS place
    FROM answer AS a
    WHERE a.is_owner
    WINDOW newest AS (
        PARTITION BY a.identity_id
        ORDER BY a.attested_at DESC, a.recorded_at DESC, a.attestation_id DESC
    )
)
SELECT r.identity_id, r.tenant_id, r.party_id, r.party_id AS text, r.attested_at, r.expires_at,
    'attested by ' || r.attested_by || coalesce(': ' || r.note, '') AS evidence,
    if(r.place = 1, NULL, 'a newer attestation names ' || r.newest_id) AS ignored
FROM ranked AS r;

CREATE OR REPLACE TEMP TABLE register_claim AS
SELECT i.identity_id, i.tenant_id, c.party_id, c.reference AS text, c.signal, c.role,
    c.observed_at, c.evidence, c.origin
FROM imported_claim AS c
JOIN same_thing AS i ON i.said_of = c.identity_id
WHERE coalesce(i.created_at <= c.imported_at, true)
QUALIFY row_number() OVER (
    PARTITION BY i.identity_id, c.party_id, c.signal, c.role
    ORDER BY c.imported_at DESC, c.observed_at DESC, c.claim_id DESC
) = 1;

-- Another client's instances are no part of this client's answer; the MSP's identities serve all.
CREATE OR REPLACE TEMP TABLE operator_claim AS
SELECT c.identity_id, i.tenant_id, c.party_id, c.party_id AS text,
    if(c.explicit, 'S2', 'S15') AS signal, c.explicit, c.confidence, c.instance_id
FROM control_claim AS c
JOIN identity_version AS i
    ON i.identity_id = c.identity_id AND i.valid_to IS NULL AND i.class <> 'platform'
JOIN known_tenant AS own ON own.tenant_id = i.tenant_id
JOIN known_tenant AS t ON t.tenant_id = c.tenant_id
WHERE c.party_id IS NOT NULL
    AND (own.client_group = t.client_group OR own.kind IN ('msp', 'subservice'));

CREATE OR REPLACE TEMP TABLE raw_claim AS
WITH claims AS (
    SELECT c.*, NULL::VARCHAR AS party_id, NULL::VARCHAR AS origin, 1.0::DOUBLE AS factor,
        NULL::TIMESTAMPTZ AS expires_at, NULL::VARCHAR AS ignored, false AS explicit
    FROM cloud_claim AS c
    UNION ALL BY NAME
    SELECT a.identity_id, a.tenant_id, a.text, 'S1' AS signal, 'accountable' AS role,
        a.attested_at AS observed_at, a.evidence, a.party_id, 1.0 AS factor, a.expires_at, a.ignored
    FROM attested_claim AS a
    UNION ALL BY NAME
    SELECT r.identity_id, r.tenant_id, r.text, r.signal, r.role, r.observed_at, r.evidence,
        r.party_id, r.origin, 1.0 AS factor
    FROM register_claim AS r
    UNION ALL BY NAME
    SELECT o.identity_id, o.tenant_id, o.text, o.signal, 'accountable' AS role,
        'accountable for ' || o.instance_id || ', which it operates' AS evidence, o.party_id,
        o.confidence AS factor, o.explicit
    FROM operator_claim AS o
    UNION ALL BY NAME
    SELECT i.identity_id, i.tenant_id, n.owner AS text, 'S14' AS signal, 'operator' AS role,
        'named like ' || n.pattern AS evidence, 1.0 AS factor
    FROM naming_rule AS n
    JOIN identity_version AS i ON i.valid_to IS NULL AND i.class <> 'platform'
        AND lower(i.name) GLOB lower(n.pattern)
)
SELECT c.*, t.client_group, t.kind = 'msp' AS of_msp
FROM claims AS c
JOIN known_tenant AS t ON t.tenant_id = c.tenant_id;

-- A machine that owns another is no owner: its own owners are, up to three machines further on.
CREATE OR REPLACE TEMP TABLE machine_owner AS
WITH wanted AS (
    SELECT DISTINCT c.identity_id, i.tenant_id, i.account_id, c.text
    FROM raw_claim AS c
    JOIN identity_version AS i ON i.identity_id = c.identity_id AND i.valid_to IS NULL
    WHERE c.by_machine AND c.signal IN ('S4', 'S5')
),
machines AS (
    SELECT coalesce(o.part_of, o.identity_id) AS owner_id, o.tenant_id, o.account_id,
        unnest([o.name, o.native_id]) AS text
    FROM identity_version AS o
    WHERE o.valid_to IS NULL AND o.account_id IN (SELECT w.account_id FROM wanted AS w)
)
SELECT w.identity_id, w.text, any_value(m.owner_id) AS owner_id
FROM wanted AS w
JOIN machines AS m
    ON m.tenant_id = w.tenant_id AND m.account_id = w.account_id AND m.text = w.text
GROUP BY w.identity_id, w.text
-- two of one name are not guessed between
HAVING count(DISTINCT m.owner_id) = 1;

INSERT INTO raw_claim BY NAME
WITH RECURSIVE followed AS (
    SELECT m.identity_id, m.owner_id, 1 AS steps, [m.identity_id, m.owner_id] AS way
    FROM machine_owner AS m
    WHERE m.owner_id <> m.identity_id
    UNION ALL
    SELECT f.identity_id, m.owner_id, f.steps + 1, list_append(f.way, m.owner_id)
    FROM followed AS f
    JOIN machine_owner AS m ON m.identity_id = f.owner_id
    WHERE f.steps < 3 AND NOT list_contains(f.way, m.owner_id)
)
SELECT DISTINCT f.identity_id, c.tenant_id, c.text, 'S4' AS signal, 'accountable' AS role,
    c.observed_at, c.departed, c.party_id, 1.0 AS factor, c.client_group, c.of_msp,
    'owner of ' || left(o.name, 80) || ', a machine that owns it' AS evidence
FROM followed AS f
JOIN identity_version AS o ON o.identity_id = f.owner_id AND o.valid_to IS NULL
JOIN raw_claim AS c ON c.identity_id = f.owner_id
WHERE c.role = 'accountable' AND c.signal IN ('S1', 'S2', 'S3', 'S4', 'S5')
    AND c.ignored IS NULL AND NOT coalesce(c.by_machine, false);
