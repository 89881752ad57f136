-- Whose the identities are that a text mentions by public id; the MSP's own are no client's.
-- Parameter $ids: public ids.
SELECT identities.identity_id, coalesce(tenants.client_group, tenants.tenant_id) AS client
FROM identities
JOIN tenants USING (tenant_id)
WHERE tenants.kind <> 'msp' AND list_contains(CAST($ids AS VARCHAR[]), identities.identity_id)
