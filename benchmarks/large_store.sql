-- A store as large as asked, made by SQL: $clients clients with $identities identities and
-- $findings findings; names are as long as real ones.
INSERT INTO tenant_version BY NAME
SELECT
    'client-' || lpad(n::VARCHAR, 4, '0') AS tenant_id, 'Client Number ' || n AS name,
    'client' AS kind, 'client-' || lpad(n::VARCHAR, 4, '0') AS client_group, $at AS valid_from
FROM range($clients) AS r(n)
UNION ALL SELECT 'northwind', 'Northwind MSP', 'msp', 'northwind', $at;

INSERT INTO account_version BY NAME
SELECT
    'aws:' || lpad(n::VARCHAR, 12, '0') AS account_id,
    'client-' || lpad((n % $clients)::VARCHAR, 4, '0') AS tenant_id, 'aws' AS provider,
    lpad(n::VARCHAR, 12, '0') AS native_id, 'account ' || n AS name, 'active' AS state,
    $at AS first_seen, $at AS valid_from
FROM range($clients) AS r(n);

INSERT INTO party_version BY NAME
SELECT
    'party-' || n AS party_id, 'Person Number ' || n AS name, 'person' AS kind,
    if(n < 40, 'msp', 'client:client-' || lpad((n % $clients)::VARCHAR, 4, '0')) AS org,
    'active' AS employment, 'person.' || n || '@' || if(n < 40, 'northwind', 'client' || n % $clients) || '.example'
        AS email,
    [] AS aliases, 'party-' || (n // 10) AS manager, $at AS valid_from
FROM range($clients * 2) AS r(n);

INSERT INTO identity_version BY NAME
SELECT
    'nhi_' || lpad(to_hex(n), 20, '0') AS identity_id,
    'client-' || lpad((n % $clients)::VARCHAR, 4, '0') AS tenant_id, 'aws' AS provider,
    'aws:' || lpad((n % $clients)::VARCHAR, 12, '0') AS account_id, 'svc-' || n AS key, 'user' AS kind,
    'aws.iam.user' AS native_type,
    'arn:aws:iam::' || lpad((n % $clients)::VARCHAR, 12, '0') || ':user/automation/svc-backup-' || n AS native_id,
    'AIDA' || n AS immutable_id, 'svc-backup-' || n AS name, 'machine' AS class, true AS enabled,
    $at - to_days((n % 900)::INTEGER) AS created_at, ['admin', 'write', 'read', 'unknown'][n % 4 + 1] AS privilege,
    '{}' AS tags, '{}' AS attributes, 'unit' AS unit, 'iam' AS source, 'global' AS region,
    $at AS first_seen, $at AS valid_from
FROM range($identities) AS r(n);

INSERT INTO resolution_version BY NAME
SELECT
    identity_id, tenant_id, tenant_id AS home_tenant_id,
    ['declared', 'inferred', 'unowned', 'attested', 'orphaned'][n % 5 + 1] AS owner_status,
    -- an MSP's own people own much in every client, a client's what is theirs
    CASE
        WHEN n % 5 IN (2, 4) THEN NULL
        WHEN n % 3 = 0 THEN 'party-' || (n // 3 % 40)
        ELSE 'party-' || (n % $clients + if(n % $clients < 40, $clients, 0))
    END AS owner_id,
    0.8 AS owner_confidence, 0 AS reach_tenants, $at AS valid_from
FROM (SELECT *, ('0x' || substr(identity_id, 5))::BIGINT AS n FROM identity_version);

INSERT INTO ownership_claim_version BY NAME
SELECT
    identity_id || c AS claim_key, identity_id, tenant_id, owner_id AS party_id, 'accountable' AS role,
    ['S3', 'S7'][c + 1] AS signal, [0.6, 0.4][c + 1] AS weight, $at AS observed_at,
    'tag owner of the resource says so' AS evidence, 'counts' AS outcome, $at AS valid_from
FROM resolution_version, range(2) AS r(c)
WHERE owner_id IS NOT NULL;

INSERT INTO grant_version BY NAME
SELECT
    identity_id || g AS grant_id, identity_id, tenant_id, provider, account_id, '*' AS scope,
    'arn:aws:iam::aws:policy/Policy' || g AS role, ['admin', 'write', 'read'][g + 1] AS action_class,
    'granted' AS verdict, 'attached' AS via, 'unit' AS unit, 'iam' AS source, 'global' AS region,
    $at AS first_seen, $at AS valid_from
FROM identity_version, range(3) AS r(g);

INSERT INTO credential_version BY NAME
SELECT
    'cred_' || substr(identity_id, 5) AS credential_id, identity_id, tenant_id, provider, account_id,
    'key' AS key, 'access_key' AS kind, '…AB12' AS public_id, 'active' AS status, created_at,
    'unit' AS unit, 'iam' AS source, 'global' AS region, $at AS first_seen, $at AS valid_from
FROM identity_version;

INSERT INTO finding_version BY NAME
SELECT
    'find_' || lpad(to_hex(n), 20, '0') AS finding_id,
    ['OWN-01', 'CRD-01', 'LIF-01', 'PRV-02', 'SHR-04', 'OWN-05'][n % 6 + 1] AS rule,
    ['critical', 'high', 'medium', 'low', 'info'][n % 5 + 1] AS severity, i.tenant_id,
    i.identity_id, i.account_id, i.name || ' was not rotated in time and nobody noticed' AS title,
    r.owner_id, $at - to_days((n % 200)::INTEGER) AS first_seen, $at AS last_seen,
    $at - to_days((n % 200)::INTEGER - 30) AS due_at, if(n % 20 = 19, 'unknown', 'open') AS status,
    'Make a second credential, move its users over, switch the old one off, then delete it.' AS remediation,
    '{"soc2": ["CC6.1", "CC6.2"], "csf": ["PR.AA-01"], "owasp_nhi": ["NHI7:2025"]}' AS frameworks,
    json_object(
        'facts', json_object('native_id', i.native_id, 'kind', 'access_key', 'created', i.created_at::VARCHAR),
        'rests_on', ['iam.users (global)'], 'would_change', 'rotate it',
        'severity', json_object('base', 3, 'privilege', 1, 'reach', 0, 'control', 0)
    ) AS evidence,
    [] AS unread, $at AS valid_from, $at - to_days((n % 200)::INTEGER) AS opened_at
FROM range($findings) AS f(n)
JOIN identity_version AS i ON i.identity_id = 'nhi_' || lpad(to_hex(n % $identities), 20, '0')
LEFT JOIN resolution_version AS r ON r.identity_id = i.identity_id;

INSERT INTO shared_version BY NAME
SELECT
    'principal' AS level, 'nhi_' || lpad(to_hex(n), 20, '0') AS key, ['nhi_' || lpad(to_hex(n), 20, '0')] AS identity_ids,
    ['client-' || lpad((n % $clients)::VARCHAR, 4, '0'), 'client-' || lpad(((n + 1) % $clients)::VARCHAR, 4, '0')]
        AS tenant_ids,
    n % 3 = 0 AS sanctioned, 'svc-backup-' || n || ' can act in 2 tenants' AS title, 'msp' AS relation,
    [] AS signed_ids, $at AS valid_from
FROM range(300) AS r(n);

INSERT INTO scan VALUES ('scan', $at, $at, 'complete', 'scan', '0', [], 1, 0);
