-- comment: What the resolver concluded per identity, with its explanation.
-- column identity_id: The identity.
-- column tenant_id: The client.
-- column owner_status: As in identities.
-- column owner_id: As in identities.
-- column owner_unread: Sources that could have named an owner and were not read whole.
-- column backup_basis: Why the backup in identities stands in: named as backup, second claimant or manager (weak); null without one.
-- column explanation: One entry per claim, thresholds, and what would change the verdict, as JSON.
SELECT r.identity_id, r.tenant_id, r.owner_status, r.owner_id, r.owner_unread,
    r.explanation ->> 'backup' AS backup_basis, r.explanation @span(r)
FROM resolution_version r
WHERE @at(r)
