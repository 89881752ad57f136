-- comment: Every finished scan and merge of spool files.
-- history: no
-- column scan_id: Sortable id of the scan.
-- column started_at: Start; rows it wrote carry this time as valid_from.
-- column finished_at: When its results were published.
-- column state: complete, or incomplete when a required source could not be read whole.
-- column tool_version: Version of nhiscan.
-- column tenants: Tenants it covered.
-- column units: Accounts and plans it merged.
-- column incomplete: How many of those have an incomplete required source.
SELECT s.scan_id, s.started_at, s.finished_at, s.state, s.tool_version, s.tenants, s.units,
    s.incomplete
FROM scan s
WHERE @before(s.started_at)
