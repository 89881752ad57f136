-- comment: Which identity a tenant's records and events mean by a name, where one alone is so called.
-- column tenant_id: The tenant whose records say it.
-- column ref: The name as written; hostile text.
-- column identity_id: The identity.
SELECT v.tenant_id, v.ref, v.identity_id @span(v)
FROM identity_name_version v
WHERE @at(v)
