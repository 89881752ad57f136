-- What is called so and is gone.
SELECT DISTINCT identity_id, tenant_id, name FROM identities_history
WHERE $text IN (identity_id, native_id, immutable_id, name) ORDER BY ALL
