-- What several clients have in common: the view as it is or, of one client, what touches it.
SELECT level, key, identity_ids, tenant_ids, sanctioned, title, relation
FROM shared
WHERE $tenants::VARCHAR[] IS NULL OR list_has_any(tenant_ids, $tenants)
ORDER BY sanctioned, len(tenant_ids) DESC, level, key
