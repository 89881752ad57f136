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
SELECT g.identity_id, g.tenant_id, i.identity_id AS target_id, i.tenant_id AS target_tenant_id,
    g.way, coalesce(g.services, []) AS services, g.verdict, g.role
FROM grant_version g
JOIN identity_version i
    ON i.account_id = coalesce(g.provider || ':' || g.scope_account, g.account_id)
    AND i.identity_id <> g.identity_id
    AND i.native_id GLOB replace(replace(g.acts_as, '\', '\\'), '[', '[[]')
JOIN identity_version holder ON holder.identity_id = g.identity_id AND @at(holder)
WHERE @at(g) AND @at(i) AND g.acts_as IS NOT NULL AND g.way <> 'assume'
    AND g.verdict IN ('granted', 'scoped')
    -- a role has no keys of its own, a user no trust, and a guest is changed only at its home
    AND CASE
        WHEN i.kind = 'user' THEN g.way = 'new_credential'
        WHEN i.kind IN ('role', 'managed_identity') THEN g.way <> 'new_credential'
        ELSE i.kind IN ('service_account', 'app', 'service_principal', 'workload', 'bot', 'ai_agent')
    END
    AND NOT (
        i.kind IN ('user', 'service_account')
        AND coalesce(i.provider || ':' || i.home_account <> i.account_id, false)
    )
    AND (
        g.way <> 'passed_role' OR len(coalesce(g.services, [])) = 0 OR EXISTS (
            SELECT 1 FROM trust_version t
            WHERE t.identity_id = i.identity_id AND @at(t) AND t.principal_kind = 'service'
                AND t.verdict NOT IN ('broken', 'dangling') AND list_contains(g.services, t.principal)
        )
    )
