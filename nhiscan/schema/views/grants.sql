-- comment: What identities may do, by class of action, by static reading of their policies.
-- column identity_id: The identity.
-- column tenant_id: The client it was found in.
-- column account_id: The account it was found in.
-- column scope: Resource pattern or scope as the platform writes it.
-- column scope_tenant_id: The tenant that the scope lies in; null if that account is of no known tenant.
-- column role: The policies or roles that give it.
-- column action_class: read, write, admin, iam, log, key, backup, deploy, network, incident or data.
-- column verdict: granted, scoped (a resource or condition narrows it), denied or unknown.
-- column via: inline, attached, group …: how the identity comes by it.
-- column actions: The probed actions that matched.
-- column acts_as: Pattern of native ids whose identities this lets it become; null if none.
-- column way: With acts_as, how: assume (as things stand), or what would have to be created first: new_credential, changed_trust, passed_role or added_federation. Null without acts_as.
-- column services: With passed_role, the services in which it may start a workload that the role must trust.
-- column principal: The platform's id of a grantee that is no identity (any more); null otherwise.
-- column created_at: With principal, when the grant was made, if the platform says so; null otherwise.
-- column source: The source it was read from.
-- column region: The region, or global.
SELECT g.identity_id, g.tenant_id, g.account_id, g.scope,
    CASE WHEN g.scope_account IS NULL THEN g.tenant_id ELSE a.tenant_id END AS scope_tenant_id,
    g.role, g.action_class, g.verdict, g.via, g.actions, g.acts_as,
    CASE WHEN g.acts_as IS NOT NULL THEN coalesce(g.way, 'assume') END AS way,
    coalesce(g.services, []) AS services, g.principal, g.created_at, g.source, g.region @span(g)
FROM grant_version g
LEFT JOIN accounts a ON a.provider = g.provider AND a.native_id = g.scope_account
WHERE @at(g)
