-- comment: Monthly reviews that were held, every record of them; the newest of a month counts.
-- history: no
-- column tenant_id: The client.
-- column month: YYYY-MM.
-- column held_at: When it was held.
-- column chair_id: Who chaired it.
-- column inputs_sha256: Hash of the frozen pack that was decided on.
-- column version: Its version.
-- column items: How many items needed a decision.
-- column decided: How many have one.
-- column undecided: The items that have none.
-- column decisions: The decisions, as JSON.
-- column is_newest: Whether no later record of the same month exists.
-- column recorded_at: When it was recorded.
SELECT v.tenant_id, v.body ->> 'month' AS month, (v.body ->> 'held_at')::TIMESTAMPTZ AS held_at,
    v.body ->> 'chair_id' AS chair_id, v.body ->> 'inputs_sha256' AS inputs_sha256,
    (v.body ->> 'version')::BIGINT AS version, (v.body ->> 'items')::BIGINT AS items,
    (v.body ->> 'items')::BIGINT - json_array_length(v.body -> 'undecided') AS decided,
    (v.body -> 'undecided')::VARCHAR[] AS undecided, v.body -> 'decisions' AS decisions,
    row_number() OVER (PARTITION BY v.tenant_id, v.body ->> 'month' ORDER BY v.seq DESC) = 1
        AS is_newest,
    v.recorded_at
FROM ledger_entry v
WHERE v.kind = 'review_recorded' AND @before(v.recorded_at)
