-- $clients clients with an account each, $identities identities and $instances instances in it.
INSERT INTO tenant_version BY NAME
SELECT 't' || c AS tenant_id, 't' || c AS name, 'client' AS kind, 't' || c AS client_group,
    $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c);

INSERT INTO account_version BY NAME
SELECT 'aws:' || c AS account_id, 't' || c AS tenant_id, 'aws' AS provider, c AS native_id,
    'active' AS state, '{}' AS tags, 'u' || c AS unit, 's' AS source, 'global' AS region,
    $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c);

INSERT INTO identity_version BY NAME
SELECT c || '-' || n AS identity_id, 't' || c AS tenant_id, 'aws' AS provider,
    'aws:' || c AS account_id, 'user' AS kind, 'aws.iam.user' AS native_type,
    'arn:aws:iam::' || c || ':user/u' || n AS native_id, 'AID' || c || n AS immutable_id,
    if(n % 10 = 0, 'svc-bkp-', 'u') || n AS name, 'machine' AS class, true AS enabled,
    'write' AS privilege,
    if(n % 25 = 0, '{"soc2-control": "CC6.2", "repo": "x/y"}', '{"owner": "a@b.example"}') AS tags,
    '{}' AS attributes, 'u' || c AS unit, 'iam.authorization_details' AS source,
    'global' AS region, $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c), range($identities) AS s(n);

-- Every tenth is an administrator, whom every control is within reach of.
INSERT INTO grant_version BY NAME
SELECT c || '-' || n AS identity_id, 't' || c AS tenant_id, 'aws' AS provider,
    'aws:' || c AS account_id, '*' AS scope, 'P' || n % 50 AS role,
    if(n % 10 = 1 AND k = 0, 'admin', ['iam', 'log', 'key', 'backup', 'deploy', 'network',
        'incident', 'data', 'read', 'read'][1 + (n * 3 + k * 7) % 10]) AS action_class,
    'granted' AS verdict, ['iam:CreateUser', 's3:PutLifecycleConfiguration'] AS actions,
    'u' || c AS unit, $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c), range($identities) AS s(n), range(3) AS t(k);

INSERT INTO usage_last BY NAME
SELECT c || '-' || n AS subject_id, 'identity' AS subject, 't' || c AS tenant_id,
    'known' AS usage, $at::TIMESTAMPTZ AS last_used_at,
    ['s3', 'backup', 'cloudtrail', 'acm', 'sqs', NULL][1 + n % 6] AS service,
    'iam.credential_report' AS source
FROM range($clients) AS r(c), range($identities) AS s(n);

INSERT INTO control_instance_version BY NAME
SELECT c || '/' || n AS instance_id, 't' || c AS tenant_id,
    [$criteria[1 + n % len($criteria)]] AS criteria, 'shared_msp_client' AS responsibility,
    DATE '2026-01-01' AS period_start, DATE '2027-01-01' AS period_end, 'clients/t.yaml' AS file,
    $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c), range($instances) AS s(n);

INSERT INTO operator_version BY NAME
SELECT c || '/' || n AS instance_id, 't' || c AS tenant_id, 0 AS position,
    'arn:aws:iam::' || c || ':user/u' || n AS native_id, 1 AS line,
    $at::TIMESTAMPTZ AS valid_from
FROM range($clients) AS r(c), range($instances) AS s(n);

CREATE TEMP TABLE known_tenant AS SELECT tenant_id, kind, client_group FROM tenant_version;

CREATE TEMP TABLE known_account AS
SELECT a.account_id, a.provider, a.native_id, a.tenant_id, t.client_group
FROM account_version AS a
JOIN known_tenant AS t ON t.tenant_id = a.tenant_id;
