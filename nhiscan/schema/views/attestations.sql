-- comment: Who said that an identity is theirs, or is not; the newest answer of a party holds.
-- history: no
-- column attestation_id: Stable id of the answer.
-- column identity_id: The identity.
-- column tenant_id: The client.
-- column party_id: The party it was said of.
-- column is_owner: Whether it is theirs, or is not.
-- column attested_by: Who recorded it.
-- column attested_at: When.
-- column expires_at: Until when it holds.
-- column note: What was said beside it.
SELECT a.attestation_id, a.identity_id, a.tenant_id, a.party_id, a.is_owner, a.attested_by,
    a.attested_at, a.expires_at, a.note
FROM attestation a
WHERE @before(a.recorded_at)
