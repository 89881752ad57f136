-- Every control instance.
SELECT
    instance_id, tenant_id, criteria, statement, responsibility, accountable_id, backup_id, frequency
FROM control_instances
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id)
ORDER BY tenant_id, instance_id
