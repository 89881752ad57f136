-- comment: Whom an identity could become by first creating a way in: with a new key, a changed trust, a passed role, an added federation. Apart from trusts, and not counted in reach.
-- history: no
-- column identity_id: Who could.
-- column tenant_id: Its client.
-- column target_id: The identity that it could become.
-- column target_tenant_id: The client of that one.
-- column way: new_credential, changed_trust, passed_role or added_federation.
-- column services: With passed_role, the services that could run a workload as it; empty where the platform asks for none.
-- column verdict: granted or scoped (a resource or condition narrows it).
-- column role: The policies or roles that give the power.
WITH held AS (
    SELECT g.identity_id, g.tenant_id, g.verdict, g.role, g.way, g.acts_as,
        coalesce(g.services, []) AS services,
        coalesce(g.provider || ':' || g.scope_account, g.account_id) AS account_id
    FROM grant_version g
    WHERE @at(g) AND g.acts_as IS NOT NULL AND g.way <> 'assume'
        AND g.verdict IN ('granted', 'scoped')
),
-- Patterns are matched once, however many hold them.
powers AS (
    SELECT DISTINCT h.account_id, h.way, h.services, h.acts_as,
        replace(replace(h.acts_as, '\', '\\'), '[', '[[]') AS pattern
    FROM held h
),
targets AS (
    SELECT i.identity_id, i.tenant_id, i.account_id, i.native_id, i.kind,
        i.kind IN ('user', 'service_account')
            AND coalesce(i.provider || ':' || i.home_account <> i.account_id, false) AS guest
    FROM identity_version i
    WHERE @at(i)
),
matched AS (
    SELECT p.account_id, p.way, p.services, p.acts_as, t.identity_id, t.tenant_id
    FROM powers p
    JOIN targets t ON t.account_id = p.account_id AND t.native_id GLOB p.pattern
    -- a role has no keys of its own, a user no trust, and a guest is changed only at its home
    -- and roles that AWS's services made for themselves nobody else can change or pass
    WHERE NOT t.guest AND CASE
            WHEN regexp_matches(t.native_id, '^arn:[^:]+:iam::[^:]*:role/aws-(service-role|reserved)/')
                THEN false
            WHEN t.kind = 'user' THEN p.way = 'new_credential'
            WHEN t.kind IN ('role', 'managed_identity') THEN p.way <> 'new_credential'
            ELSE t.kind IN ('service_account', 'app', 'service_principal', 'workload', 'bot', 'ai_agent')
        END
        AND (p.way <> 'passed_role' OR len(p.services) = 0 OR EXISTS (
            SELECT 1 FROM trust_version s
            WHERE s.identity_id = t.identity_id AND @at(s) AND s.principal_kind = 'service'
                AND s.verdict NOT IN ('broken', 'dangling')
                AND list_contains(p.services, s.principal)
        ))
)
SELECT h.identity_id, h.tenant_id, m.identity_id AS target_id, m.tenant_id AS target_tenant_id,
    h.way, h.services, h.verdict, h.role
FROM held h
JOIN targets i ON i.identity_id = h.identity_id
JOIN matched m
    ON m.account_id = h.account_id AND m.way = h.way AND m.services = h.services
    AND m.acts_as = h.acts_as
WHERE m.identity_id <> h.identity_id
