-- Nodes and edges of the whole store, or with $tenant of what touches that tenant. Needs the tables
-- of nhiscan/graph/edges.sql and become.sql. `facts` are flat: texts, numbers, booleans, lists.

CREATE OR REPLACE TEMP TABLE graph_part AS
SELECT i.identity_id FROM identities AS i
WHERE coalesce(i.tenant_id = $tenant, true);

-- A group of holders whose every pair would be an edge is a node of its own beyond $expanded pairs.
CREATE OR REPLACE TEMP TABLE graph_step AS
WITH member AS (
    SELECT 'trust' AS kind, m.holder, m.identity_id FROM holder_member AS m
    UNION ALL
    SELECT 'can_become', m.holder, m.identity_id FROM become_member AS m
    UNION ALL
    SELECT 'material', m.holder, m.identity_id FROM material_member AS m
),
door AS (
    SELECT 'trust' AS kind, e.holder, e.target, e.trust_id, NULL AS way, NULL AS services
    FROM holder_edge AS e
    UNION ALL
    SELECT 'can_become', e.holder, e.target, NULL, h.way, h.services
    FROM become_edge AS e
    JOIN become_holder AS h ON h.holder = e.holder
    UNION ALL
    SELECT 'material', e.holder, e.target, NULL, g.how, NULL
    FROM material_edge AS e
    JOIN material_group AS g ON g.holder = e.holder
),
big AS (
    SELECT m.kind, m.holder
    FROM (SELECT kind, holder, count(*) AS members FROM member GROUP BY ALL) AS m
    JOIN (SELECT kind, holder, count(*) AS targets FROM door GROUP BY ALL) AS d
        ON d.kind = m.kind AND d.holder = m.holder
    WHERE m.members * d.targets > $expanded
)
SELECT e.source, e.target, 'trust' AS kind, 'named' AS how, e.trust_id, NULL AS services, e.proven
FROM named_edge AS e
UNION ALL
SELECT m.identity_id, d.target, d.kind, coalesce(d.way, 'member'), d.trust_id, d.services, true
FROM door AS d
JOIN member AS m ON m.kind = d.kind AND m.holder = d.holder AND m.identity_id <> d.target
WHERE (d.kind, d.holder) NOT IN (SELECT (b.kind, b.holder) FROM big AS b)
UNION ALL
SELECT m.identity_id, 'holders:' || m.kind || ':' || m.holder, m.kind, 'holder', NULL, NULL, true
FROM member AS m
JOIN big AS b ON b.kind = m.kind AND b.holder = m.holder
UNION ALL
SELECT 'holders:' || d.kind || ':' || d.holder, d.target, d.kind, coalesce(d.way, 'member'),
    d.trust_id, d.services, true
FROM door AS d
JOIN big AS b ON b.kind = d.kind AND b.holder = d.holder;

-- A group of holders belongs to whoever can use it, and is shown with the doors of the tenant.
CREATE OR REPLACE TEMP TABLE graph_seen AS
SELECT s.* FROM graph_step AS s
WHERE s.source IN (SELECT p.identity_id FROM graph_part AS p)
    OR s.target IN (SELECT p.identity_id FROM graph_part AS p)
    OR s.target IN (
        SELECT x.source FROM graph_step AS x
        WHERE x.source LIKE 'holders:%'
            AND x.target IN (SELECT p.identity_id FROM graph_part AS p)
    );

CREATE OR REPLACE TEMP TABLE graph_edge AS
WITH instance AS (
    SELECT c.instance_id, c.tenant_id, c.accountable_id, c.backup_id FROM control_instances AS c
    WHERE coalesce(c.tenant_id = $tenant, true)
),
drawn AS (
    SELECT if(s.kind = 'can_become', 'NHI_CanBecome', 'NHI_CanActAs') AS kind, s.source, s.target, {
        'how': list_sort(list(DISTINCT s.how)),
        'services': list_distinct(flatten(list(coalesce(s.services, [])))).list_sort(),
        'proven': bool_or(s.proven),
        'guard': list_sort(list(DISTINCT t.guard) FILTER (t.guard IS NOT NULL)),
        'verdict': list_sort(list(DISTINCT t.verdict) FILTER (t.verdict IS NOT NULL)),
        'relation': list_sort(list(DISTINCT t.relation) FILTER (t.relation IS NOT NULL))
    }::JSON AS facts
    FROM graph_seen AS s
    LEFT JOIN trusts AS t ON t.trust_id = s.trust_id
    GROUP BY s.kind = 'can_become', s.source, s.target
    UNION ALL
    SELECT 'NHI_CanActAs', 'outside:' || t.principal, t.identity_id, {
        'how': ['outside'], 'guard': list_sort(list(DISTINCT t.guard)),
        'verdict': list_sort(list(DISTINCT t.verdict)),
        'relation': list_sort(list(DISTINCT t.relation))
    }::JSON
    FROM trusts AS t
    JOIN graph_part AS p ON p.identity_id = t.identity_id
    WHERE t.verdict NOT IN ('broken', 'dangling') AND t.principal_identity_id IS NULL
        AND t.relation NOT IN ('same_account', 'platform')
        AND NOT (t.principal_kind = 'oidc' AND t.identity_id IN (
            SELECT c.identity_id FROM credentials AS c
            WHERE c.kind = 'federated_trust' AND c.fingerprint IS NOT NULL
        ))
    GROUP BY t.principal, t.identity_id
    UNION ALL
    -- one Kubernetes or CI subject is one node, however the platforms spell it
    SELECT DISTINCT 'NHI_CanActAs', 'subject:' || c.fingerprint, c.identity_id,
        {'how': ['federated']}::JSON
    FROM credentials AS c
    JOIN graph_part AS p ON p.identity_id = c.identity_id
    WHERE c.kind = 'federated_trust' AND c.fingerprint IS NOT NULL
        AND c.status IN ('active', 'unknown')
    UNION ALL
    SELECT 'NHI_AuthenticatesWith', c.identity_id, c.credential_id, {}::JSON
    FROM credentials AS c
    JOIN graph_part AS p ON p.identity_id = c.identity_id
    UNION ALL
    SELECT 'NHI_AccountableFor', 'party:' || i.owner_id, i.identity_id,
        {'status': i.owner_status, 'confidence': i.owner_confidence}::JSON
    FROM identities AS i
    JOIN graph_part AS p ON p.identity_id = i.identity_id
    WHERE i.owner_id IS NOT NULL
    UNION ALL
    SELECT 'NHI_BackupFor', 'party:' || i.backup_id, i.identity_id, {}::JSON
    FROM identities AS i
    JOIN graph_part AS p ON p.identity_id = i.identity_id
    WHERE i.backup_id IS NOT NULL
    UNION ALL
    SELECT 'NHI_AccountableFor', 'party:' || c.accountable_id, 'instance:' || c.instance_id,
        {}::JSON
    FROM instance AS c WHERE c.accountable_id IS NOT NULL
    UNION ALL
    SELECT 'NHI_BackupFor', 'party:' || c.backup_id, 'instance:' || c.instance_id, {}::JSON
    FROM instance AS c WHERE c.backup_id IS NOT NULL
    UNION ALL
    SELECT 'NHI_CustodianOf', 'party:' || u.custodian_id, 'instance:' || u.instance_id, {
        'period_start': list(DISTINCT u.period_start::VARCHAR ORDER BY u.period_start::VARCHAR),
        'period_end': list(DISTINCT u.period_end::VARCHAR ORDER BY u.period_end::VARCHAR)
            FILTER (u.period_end IS NOT NULL)
    }::JSON
    FROM custody AS u
    JOIN instance AS c ON c.instance_id = u.instance_id AND c.tenant_id = u.tenant_id
    WHERE u.custodian_id IS NOT NULL
    GROUP BY u.custodian_id, u.instance_id
    UNION ALL
    SELECT 'NHI_Operates', k.identity_id, 'instance:' || k.instance_id,
        {'confidence': k.confidence, 'basis': k.basis, 'state': k.state}::JSON
    FROM control_links AS k
    JOIN instance AS c ON c.instance_id = k.instance_id AND c.tenant_id = k.tenant_id
    WHERE k.grade = 'operates' AND k.state IN ('linked', 'confirmed')
    UNION ALL
    SELECT 'NHI_BelongsTo', i.identity_id, 'tenant:' || i.tenant_id, {}::JSON
    FROM identities AS i
    JOIN graph_part AS p ON p.identity_id = i.identity_id
    UNION ALL
    SELECT 'NHI_BelongsTo', 'instance:' || c.instance_id, 'tenant:' || c.tenant_id, {}::JSON
    FROM instance AS c
)
SELECT d.kind, d.source, d.target, d.facts FROM drawn AS d;

CREATE OR REPLACE TEMP TABLE graph_drawn AS
WITH touched AS (
    SELECT e.source AS id FROM graph_edge AS e UNION SELECT e.target FROM graph_edge AS e
)
SELECT i.identity_id AS id, ['NHI_Identity'] AS kinds, i.tenant_id, {
    'name': i.name, 'tenant_id': i.tenant_id, 'provider': i.provider, 'account_id': i.account_id,
    'identity_kind': i.kind, 'native_type': i.native_type, 'native_id': i.native_id,
    'class': i.class, 'enabled': i.enabled, 'privilege': i.privilege, 'usage': i.usage,
    'last_used_at': strftime(i.last_used_at, '%Y-%m-%dT%H:%M:%SZ'),
    'created_at': strftime(i.created_at, '%Y-%m-%dT%H:%M:%SZ'),
    'owner_id': i.owner_id, 'owner_status': i.owner_status, 'backup_id': i.backup_id,
    'reach_tenants': i.reach_tenants
}::JSON AS facts
FROM identities AS i
WHERE i.identity_id IN (SELECT t.id FROM touched AS t)
UNION ALL
SELECT c.credential_id, ['NHI_Credential'], c.tenant_id, {
    'name': c.kind || coalesce(' ' || c.public_id, ''), 'tenant_id': c.tenant_id,
    'credential_kind': c.kind, 'status': c.status, 'fingerprint': c.fingerprint, 'usage': c.usage,
    'created_at': strftime(c.created_at, '%Y-%m-%dT%H:%M:%SZ'),
    'expires_at': strftime(c.expires_at, '%Y-%m-%dT%H:%M:%SZ')
}::JSON
FROM credentials AS c
WHERE c.credential_id IN (SELECT t.id FROM touched AS t)
UNION ALL
SELECT 'party:' || p.party_id, if(p.kind = 'person', ['NHI_Person', 'NHI_Party'], ['NHI_Party']),
    if(p.org LIKE 'client:%', p.org[8:], NULL),
    {'name': p.name, 'party_kind': p.kind, 'org': p.org, 'employment': p.employment}::JSON
FROM parties AS p
WHERE $tenant IS NULL OR 'party:' || p.party_id IN (SELECT t.id FROM touched AS t)
UNION ALL
SELECT 'tenant:' || t.tenant_id, ['NHI_Tenant'], t.tenant_id,
    {'name': t.name, 'tenant_kind': t.kind, 'client_group': t.client_group}::JSON
FROM tenants AS t
WHERE coalesce(t.tenant_id = $tenant, true)
UNION ALL
SELECT 'instance:' || c.instance_id, ['NHI_ControlInstance'], c.tenant_id, {
    'name': c.instance_id, 'tenant_id': c.tenant_id, 'criteria': c.criteria,
    'statement': c.statement, 'responsibility': c.responsibility,
    'period_start': c.period_start::VARCHAR, 'period_end': c.period_end::VARCHAR
}::JSON
FROM control_instances AS c
WHERE coalesce(c.tenant_id = $tenant, true)
UNION ALL
-- What is no row of its own: principals of elsewhere, groups of holders, parties of no roster.
SELECT t.id, if(t.id LIKE 'holders:%', ['NHI_Holders'], ['NHI_Principal']), NULL,
    {'name': coalesce(f.name, t.id[strpos(t.id, ':') + 1:])}::JSON
FROM touched AS t
LEFT JOIN (
    SELECT 'subject:' || c.fingerprint AS id,
        min((c.attributes ->> 'issuer') || ' ' || (c.attributes ->> 'subject')) AS name
    FROM credentials AS c
    WHERE c.kind = 'federated_trust'
    GROUP BY c.fingerprint
) AS f ON f.id = t.id
WHERE t.id LIKE 'outside:%' OR t.id LIKE 'holders:%' OR t.id LIKE 'subject:%'
    OR t.id LIKE 'party:%' AND t.id[7:] NOT IN (SELECT p.party_id FROM parties AS p);
