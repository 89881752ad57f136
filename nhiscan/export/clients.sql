-- Tenants behind the wall, each with the client that it belongs to. The MSP's own tenant stands outside:
-- what is written about it stays with the MSP.
SELECT tenant_id, coalesce(client_group, tenant_id) AS client
FROM tenants
WHERE kind <> 'msp'
