-- comment: Recorded verifications of each client's ledger and files: `nhiscan evidence verify --record`.
-- history: no
-- column tenant_id: The client.
-- column verified_at: When everything was hashed again.
-- column entries: How many entries the chain had.
-- column files: How many files were checked.
-- column head: Hash of the last entry then.
-- column broken: How many things were not as recorded; 0 if all was.
-- column told: The first of them, as a JSON list of seq, entry_id and what.
-- column is_newest: Whether no later verification of this client was recorded.
SELECT v.tenant_id, v.recorded_at AS verified_at, (v.body ->> 'entries')::BIGINT AS entries,
    (v.body ->> 'files')::BIGINT AS files, v.body ->> 'head' AS head,
    (v.body ->> 'broken')::BIGINT AS broken, v.body -> 'told' AS told,
    row_number() OVER (PARTITION BY v.tenant_id ORDER BY v.seq DESC) = 1 AS is_newest
FROM ledger_entry v
WHERE v.kind = 'verification' AND @before(v.recorded_at)
