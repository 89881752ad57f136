-- comment: Everything recorded by people or by scans as proof: one chain of hashes per tenant.
-- history: no
-- column tenant_id: The client.
-- column seq: Number in the tenant's chain, from 1.
-- column entry_id: Stable id.
-- column kind: evidence, review_prepared, review_recorded, access_review …
-- column body: What was recorded, as canonical JSON.
-- column recorded_at: When it was recorded.
-- column prev_sha256: Hash of the entry before; zeros before the first.
-- column sha256: Hash of this entry, as `nhiscan evidence verify` computes it again.
SELECT v.tenant_id, v.seq, v.entry_id, v.kind, v.body, v.recorded_at, v.prev_sha256, v.sha256
FROM ledger_entry v
WHERE @before(v.recorded_at)
