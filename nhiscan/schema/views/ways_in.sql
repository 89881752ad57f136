-- comment: Trusts with the identity that they open, as the sharing rules need them; without those that can never match.
-- history: no
-- column trust_id: The trust.
-- column tenant_id: The client.
-- column account_id: The account of the identity.
-- column identity_id: The identity that can be assumed.
-- column name: Its name; hostile text.
-- column identity_kind: Kind of the identity.
-- column native_id: Its own id at the platform.
-- column principal: Who may come in, as written; hostile text.
-- column principal_kind: As in trusts.
-- column principal_tenant_id: As in trusts.
-- column principal_account_id: As in trusts.
-- column principal_identity_id: As in trusts.
-- column vendor: As in trusts.
-- column relation: As in trusts.
-- column guard: As in trusts.
-- column verdict: guarded, weak, open or unknown.
-- column reason: As in trusts.
-- column rests_on: The read that shows it, as source (region).
-- column unread: Why that read was not whole at the last scan; empty if it was.
SELECT t.trust_id, t.tenant_id, t.account_id, t.identity_id, i.name,
    i.kind AS identity_kind, i.native_id, t.principal,
    t.principal_kind, t.principal_tenant_id, t.principal_account_id, t.principal_identity_id,
    t.vendor, t.relation, t.guard, t.verdict, t.reason,
    [t.source || ' (' || t.region || ')'] AS rests_on,
    coalesce(o.unread, [t.source || ' (' || t.region || '): not asked at the last scan']) AS unread
FROM trusts t
JOIN identities i ON i.identity_id = t.identity_id
LEFT JOIN read_spots o
    ON o.tenant_id = t.tenant_id AND o.account_id = t.account_id
    AND o.source = t.source AND o.region = t.region
WHERE t.verdict NOT IN ('broken', 'dangling')
