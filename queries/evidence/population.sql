-- title: Every identity of a client, as the last complete reads show it: an auditor's population
-- why: R13 and R21: samples are drawn from the whole, so the whole comes first, with its gaps.
-- param: tenant text null only this client
-- unknown: What was not read whole is told beside it (`incomplete` of the evidence); such a
--   population is not accepted as evidence.
SELECT
    tenant_id,
    account_id,
    identity_id,
    kind,
    native_type,
    native_id,
    name,
    class,
    enabled,
    created_at,
    created_by,
    privilege,
    owner_id,
    owner_status,
    backup_id,
    first_seen
FROM identities
WHERE $tenant IS NULL OR tenant_id = $tenant
ORDER BY tenant_id, account_id, identity_id
