-- Everybody who owns, backs up, is claimed to own, or answers for a control.
WITH named AS (
    SELECT owner_id AS party_id, tenant_id FROM identities
    UNION SELECT backup_id, tenant_id FROM identities
    UNION SELECT owner_id, tenant_id FROM findings
    UNION SELECT backup_id, tenant_id FROM findings
    UNION SELECT party_id, tenant_id FROM ownership_claims
    UNION SELECT accountable_id, tenant_id FROM control_instances
    UNION SELECT backup_id, tenant_id FROM control_instances
)

SELECT p.party_id, p.name, p.kind, p.org, p.employment, p.email
FROM parties AS p
WHERE p.party_id IN (
    SELECT n.party_id FROM named AS n
    WHERE n.party_id IS NOT NULL
        AND ($tenants::VARCHAR[] IS NULL OR list_contains($tenants, n.tenant_id))
)
ORDER BY p.party_id
