-- comment: Packs of monthly reviews as they were frozen, every version.
-- history: no
-- column tenant_id: The client.
-- column month: YYYY-MM.
-- column version: From 1; the newest is the one to decide on.
-- column inputs_sha256: Hash of the items as canonical JSON.
-- column items: The frozen items, as JSON.
-- column item_count: How many items.
-- column to_decide: How many of them need a decision.
-- column prepared_at: When it was frozen.
SELECT v.tenant_id, v.body ->> 'month' AS month, (v.body ->> 'version')::BIGINT AS version,
    v.body ->> 'inputs_sha256' AS inputs_sha256, v.body -> 'items' AS items,
    json_array_length(v.body -> 'items') AS item_count,
    len(list_filter((v.body -> 'items')::JSON[], lambda x: (x ->> 'needs_decision')::BOOLEAN)) AS to_decide,
    v.recorded_at AS prepared_at
FROM ledger_entry v
WHERE v.kind = 'review_prepared' AND @before(v.recorded_at)
