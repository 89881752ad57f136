-- Who is said to own each identity, by what.
SELECT
    identity_id, coalesce(party_id, reference) AS party_id, role, signal, weight, observed_at,
    evidence, outcome
FROM ownership_claims
WHERE $tenants::VARCHAR[] IS NULL OR list_contains($tenants, tenant_id)
ORDER BY identity_id, weight DESC, signal, party_id, evidence
