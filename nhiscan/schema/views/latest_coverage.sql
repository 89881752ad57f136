-- comment: Coverage of the newest read of every account and plan: what today's answers rest on.
-- history: no
-- column scan_id: The scan that read it last.
-- column tenant_id: Tenant of the account.
-- column provider: Adapter that read it.
-- column account_id: provider:native id; for plans, provider:label of the entry.
-- column region: Region, or global.
-- column source: What was read.
-- column state: As in coverage.
-- column reason: Why it is not complete.
-- column calls: API calls spent on it.
-- column rows: Records it gave.
-- column read_at: When the reading of its account began.
-- column optional: True if a refusal of this source does not make a scan incomplete.
SELECT c.scan_id, c.tenant_id, c.provider, c.account_id, c.region, c.source, c.state, c.reason,
    c.calls, c."rows", c.read_at, c.optional
FROM (
    -- A scan plans all entries of a tenant and provider, so a plan that the newest lacks is no more.
    SELECT *, CASE WHEN split_part(unit, '/', 3) LIKE 'plan:%' THEN tenant_id || '/' || provider
        ELSE unit END AS what
    FROM coverage_read
) c
WHERE @before(c.recorded_at)
QUALIFY c.recorded_at = max(c.recorded_at) OVER (PARTITION BY c.what)
    AND c.scan_id = max(c.scan_id) OVER (PARTITION BY c.what, c.recorded_at)
