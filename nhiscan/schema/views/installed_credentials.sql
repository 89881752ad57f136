-- comment: Credentials with the identity that they prove, as the credential rules need them; none of the cloud provider's own, and none that the platform itself makes and renews.
-- history: no
-- column credential_id: The credential.
-- column tenant_id: The client.
-- column account_id: The account.
-- column identity_id: The identity; null if it belongs to the account as a whole.
-- column kind: As in credentials.
-- column public_id: As in credentials.
-- column fingerprint: As in credentials.
-- column status: As in credentials.
-- column created_at: As in credentials.
-- column expires_at: As in credentials.
-- column last_used_at: As in credentials.
-- column usage: As in credentials.
-- column usage_note: As in credentials.
-- column attributes: As in credentials.
-- column identity_kind: Kind of the identity.
-- column class: Class of the identity.
-- column enabled: Whether the identity can act; null if not known.
-- column privilege: Privilege of the identity.
-- column holder: Name of the identity, else what the platform calls the credential; hostile text.
-- column native_id: The identity's own id at the platform.
-- column rests_on: The read that shows it, as source (region).
-- column unread: Why that read was not whole at the last scan; empty if it was.
SELECT c.credential_id, c.tenant_id, c.account_id, c.identity_id, c.kind, c.public_id, c.fingerprint,
    c.status, c.created_at, c.expires_at, c.last_used_at, c.usage, c.usage_note, c.attributes,
    i.kind AS identity_kind, i.class, i.enabled, i.privilege,
    coalesce(i.name, c.public_id, c.account_id) AS holder, i.native_id,
    [c.source || ' (' || c.region || ')'] AS rests_on,
    coalesce(o.unread, [c.source || ' (' || c.region || '): not asked at the last scan']) AS unread
FROM credentials c
LEFT JOIN identities i ON i.identity_id = c.identity_id
LEFT JOIN read_spots o
    ON o.tenant_id = c.tenant_id AND o.account_id = c.account_id
    AND o.source = c.source AND o.region = c.region
WHERE i.class IS DISTINCT FROM 'platform'
    AND (c.attributes ->> 'managed') IS DISTINCT FROM 'true'
