-- comment: Who else may act as an identity: one row per principal and statement.
-- column identity_id: The identity that can be assumed.
-- column tenant_id: Its client.
-- column principal: The principal as written.
-- column principal_kind: account, role, user, identity, service, application, oidc, saml, organization, public, deleted, end_users, group or unknown.
-- column principal_tenant_id: The tenant of the principal; null if it is of no known tenant.
-- column relation: same_account, same_client, other_client, msp, vendor, platform, public or unknown.
-- column guard: What the statement demands besides the principal; none if nothing.
-- column verdict: guarded, weak, open, dangling (principal deleted), broken (never matches) or unknown.
-- column trust_id: Stable id of this row.
-- column account_id: The account of the identity.
-- column principal_account_id: The principal's account, where it is a known one.
-- column principal_identity_id: The principal, where it is a known identity.
-- column vendor: The vendor whose account it is, from the MSP's list, else as listed publicly.
-- column reason: Why the verdict is so, and what would change it.
-- column guard_fingerprint: SHA-256 of the guarding value, such as an ExternalId; never the value.
-- column statement: Index of the statement in its policy.
-- column source: The source it was read from.
-- column region: The region, or global.
SELECT t.identity_id, t.tenant_id, t.principal, t.principal_kind, r.principal_tenant_id,
    coalesce(r.relation, t.relation, 'unknown') AS relation, t.guard, t.verdict, t.trust_id,
    t.account_id, r.principal_account_id, r.principal_identity_id, r.vendor, t.reason,
    t.guard_fingerprint, t.statement, t.source, t.region @span(t, r)
FROM trust_version t
LEFT JOIN trust_relation_version r ON r.trust_id = t.trust_id AND @join(t, r)
WHERE @at(t)
