-- comment: Pieces of evidence: what they prove, for which control instance and period, and who keeps them.
-- history: no
-- column evidence_id: Stable id.
-- column tenant_id: The client.
-- column instance_id: The control instance; null if it is about the tenant as a whole.
-- column kind: What it is: usage, population, ticket …; some kinds hold records, see evidence_records.
-- column period_start: Begin of the period that it speaks of; null if not said.
-- column period_end: First moment after that period; null if not said.
-- column collected_at: When it was collected.
-- column collector: Who, or which command, collected it.
-- column custodian_id: Who keeps it.
-- column custodian_org: The organization of that party.
-- column name: The file's name; hostile text.
-- column path: The copy, relative to the evidence folder; null if it is kept elsewhere.
-- column uri: Where it is kept, if elsewhere.
-- column sha256: Hash of the file.
-- column size: Bytes.
-- column row_count: Records, events or rows in it; null if it has none.
-- column attribution_ratio: Part of a shared identity's operations that are told apart by client, as somebody else counted; null if not said.
-- column query: The query that made it; null if a file was added.
-- column query_sha256: Hash of the executed SQL.
-- column params: Its parameters, as JSON.
-- column incomplete: What was not read whole when it was made: such a population proves nothing; empty if all was.
-- column control_totals: Of a population: its rows in the file and in the store, and per source how it was read and what it gave; as JSON.
-- column note: A note.
-- column seq: Number in the tenant's chain.
-- column entry_id: Its entry in the ledger.
-- column recorded_at: When it was recorded.
SELECT v.body ->> 'evidence_id' AS evidence_id, v.tenant_id, v.body ->> 'instance_id' AS instance_id,
    v.body ->> '$.kind' AS kind, (v.body ->> 'period_start')::TIMESTAMPTZ AS period_start,
    (v.body ->> 'period_end')::TIMESTAMPTZ AS period_end,
    (v.body ->> 'collected_at')::TIMESTAMPTZ AS collected_at, v.body ->> 'collector' AS collector,
    v.body ->> 'custodian_id' AS custodian_id, v.body ->> 'custodian_org' AS custodian_org,
    v.body ->> 'name' AS name, v.body ->> 'path' AS path, v.body ->> 'uri' AS uri,
    v.body ->> 'sha256' AS sha256, (v.body ->> 'size')::BIGINT AS size,
    (v.body ->> 'row_count')::BIGINT AS row_count,
    (v.body ->> 'attribution_ratio')::DOUBLE AS attribution_ratio, v.body ->> 'query' AS query,
    v.body ->> 'query_sha256' AS query_sha256, v.body -> 'params' AS params,
    coalesce((v.body -> 'incomplete')::VARCHAR[], []) AS incomplete,
    v.body -> 'control_totals' AS control_totals, v.body ->> 'note' AS note,
    v.seq, v.entry_id, v.recorded_at
FROM ledger_entry v
WHERE v.kind = 'evidence' AND @before(v.recorded_at)
