-- What else tells whether a stage is missing: use, secrets, imports, and what is due.
SELECT
    (SELECT any_value(usage) FROM identities WHERE identity_id = $identity) AS usage,
    (SELECT count(*) FROM credentials AS c JOIN identities AS i ON i.identity_id = c.identity_id
        WHERE coalesce(i.part_of, i.identity_id) = $identity
            AND c.kind NOT IN ('federated_trust', 'oidc_provider', 'saml_provider')) AS secrets,
    (SELECT count(*) FROM evidence AS e JOIN tenants AS t ON t.tenant_id = e.tenant_id
        WHERE e.kind = 'change_approval' AND (e.tenant_id = $tenant OR t.kind = 'msp'))
        AS approvals,
    (SELECT count(*) FROM revocations WHERE identity_id = $identity AND ended_at IS NULL) AS due
