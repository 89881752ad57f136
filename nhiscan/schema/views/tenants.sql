-- comment: Clients of the MSP, the MSP itself, and subservice organizations, as configured.
-- column tenant_id: Id from the configuration; every row of every view carries it.
-- column name: Display name.
-- column kind: client, msp (the MSP itself) or subservice.
-- column client_group: Tenants of one group are one client and do not count as cross-tenant.
SELECT t.tenant_id, t.name, t.kind, t.client_group @span(t)
FROM tenant_version t
WHERE @at(t)
