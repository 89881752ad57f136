-- comment: Every piece of evidence that somebody owns an identity, also the rejected ones.
-- column identity_id: The identity.
-- column party_id: The party that it names; null if that is nobody in a roster. What names a team counts for its lead: see outcome.
-- column role: accountable, operator or backup.
-- column signal: S1 attestation, S2 register, S3 owner tag, S7 creator, S12 account contact …
-- column weight: Weight before decay.
-- column observed_at: When it was true.
-- column evidence: Where it was read.
-- column tenant_id: The client.
-- column reference: The party as the platform writes it; hostile text.
-- column outcome: What became of the claim, and why.
SELECT c.identity_id, c.party_id, c.role, c.signal, c.weight, c.observed_at, c.evidence,
    c.tenant_id, c.reference, c.outcome @span(c)
FROM ownership_claim_version c
WHERE @at(c)
