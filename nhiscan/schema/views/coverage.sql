-- comment: What each scan could and could not read: one row per scan, account, region and source.
-- history: no
-- column scan_id: The scan.
-- column tenant_id: Tenant of the account.
-- column provider: Adapter that read it.
-- column account_id: provider:native id; for plans, provider:label of the entry.
-- column region: Region, or global.
-- column source: What was read, such as iam.credential_report; see `nhiscan providers`.
-- column state: complete, partial, denied, throttled, unreachable, not_licensed, not_available or not_implemented.
-- column reason: Why it is not complete, and what would mend it.
-- column calls: API calls spent on it.
-- column rows: Records it gave.
-- column read_at: When the reading of its account began.
-- column optional: True if a refusal of this source does not make a scan incomplete.
-- column recorded_at: The scan or merge that recorded it: the same time as valid_from of what it showed first.
SELECT c.scan_id, c.tenant_id, c.provider, c.account_id, c.region, c.source, c.state, c.reason,
    c.calls, c."rows", c.read_at, c.optional, c.recorded_at
FROM coverage_read c
WHERE @before(c.recorded_at)
