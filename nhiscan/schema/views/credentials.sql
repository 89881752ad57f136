-- comment: What proves identities: keys, secrets, certificates, federated trusts. Never the secret itself.
-- column credential_id: Stable id.
-- column identity_id: The identity it proves; null if it belongs to the account as a whole.
-- column tenant_id: The client.
-- column kind: access_key, password, certificate, ssh_key, service_specific, federated_trust, oidc_provider, saml_provider, secret, client_secret, service_account_key, hmac_key, api_key or token.
-- column public_id: At most the last four characters of its public id.
-- column fingerprint: SHA-256 over public material; equal wherever the same material is installed.
-- column status: active, inactive, expired or unknown.
-- column created_at: Creation or last rotation.
-- column expires_at: Expiry; null if it never expires.
-- column last_used_at: Last use; null if none is known.
-- column usage: known, never, unknown or unsupported.
-- column account_id: The account.
-- column attributes: Further facts as a JSON object.
-- column source: The source it was read from.
-- column region: The region, or global.
-- column usage_note: What the usage rests on, such as the window of its source.
-- column unread: Sources of its account that were not read whole at the last scan; empty if all were; null for versions that no longer hold.
SELECT c.credential_id, c.identity_id, c.tenant_id, c.kind, c.public_id, c.fingerprint, c.status,
    c.created_at, c.expires_at, @used(u.last_used_at, c) AS last_used_at,
    CASE
        WHEN @used(u.last_used_at, c) IS NOT NULL THEN 'known'
        WHEN u.last_used_at IS NOT NULL THEN 'unknown'
        ELSE coalesce(u.usage, 'unknown')
    END AS usage,
    c.account_id, c.attributes, c.source, c.region, u.note AS usage_note,
    CASE WHEN @live(c) THEN coalesce(n.unread, []) END AS unread @span(c)
FROM credential_version c
LEFT JOIN usage_last u ON u.subject_id = c.credential_id
LEFT JOIN account_unread n ON n.tenant_id = c.tenant_id AND n.account_id = c.account_id
WHERE @at(c)
