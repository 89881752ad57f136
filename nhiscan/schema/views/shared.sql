-- comment: What two or more clients have in common: a principal, a credential, a trusted outsider, a partner relationship.
-- column level: principal, credential, trust or partner.
-- column key: What is shared: identity id, fingerprint, or the principal's native id.
-- column identity_ids: The identities concerned.
-- column tenant_ids: The tenants concerned.
-- column sanctioned: True only if every client concerned has signed a split of duties that names it, and the sign-offs hold; never of level credential.
-- column signed_ids: Those of identity_ids for which every client concerned has signed: all if sanctioned, else those that let in only what is sanctioned by itself.
-- column title: What it is, in words.
-- column relation: Relation of a shared principal: msp, vendor, other_client, unknown …
SELECT s.level, s.key, s.identity_ids, s.tenant_ids, s.sanctioned,
    coalesce(s.signed_ids, []) AS signed_ids, s.title, s.relation @span(s)
FROM shared_version s
WHERE @at(s)
