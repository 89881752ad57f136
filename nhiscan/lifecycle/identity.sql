-- The newest version of one identity; gone is what the present view does not show.
SELECT v.identity_id, v.tenant_id, v.account_id, v.kind, v.name, v.native_id,
    NOT EXISTS (FROM identities AS i WHERE i.identity_id = v.identity_id) AS is_gone
FROM identities_history AS v
WHERE v.identity_id = $identity
ORDER BY v.valid_from DESC
LIMIT 1
