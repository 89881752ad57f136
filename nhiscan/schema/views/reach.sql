-- comment: Tenants that an identity can come to act in, over any number of hops.
-- column identity_id: The identity.
-- column tenant_id: The tenant it was found in.
-- column target_tenant_id: The tenant it reaches.
-- column via: The kind of way: trust (steps of acting as another), credential (only with one that several identities share) or grant (rights given in the other tenant itself).
-- column hops: Fewest steps.
SELECT r.identity_id, r.tenant_id, r.target_tenant_id, r.via, r.hops @span(r)
FROM reach_version r
WHERE @at(r)
