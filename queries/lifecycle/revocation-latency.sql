-- title: How long revocations took, with the scans on both sides
-- why: R15: from the reason to the last scan that showed it working, and the first that did not.
-- param: tenant text null only this client
-- param: from time null only what was due to be revoked at or after this time
-- param: to time null only what was due to be revoked before this time
-- unknown: Between the two scans nobody knows when it ended; the shortest and the longest time that
--   it may have taken are both told. What still works has neither.
SELECT
    r.tenant_id,
    r.account_id,
    r.cause,
    r.party_id,
    r.what,
    r.subject_id,
    r.name,
    r.public_id,
    r.privilege,
    r.triggered_at,
    r.told_at,
    r.last_live_at,
    r.last_live_scan,
    r.ended_at,
    r.ended_scan,
    r.ended_as,
    r.checked_at,
    CASE
        WHEN r.ended_at IS NOT NULL THEN r.ended_as
        WHEN r.checked_at >= r.triggered_at THEN 'works'
        ELSE 'unknown: not read whole since'
    END AS state,
    if(r.ended_at IS NULL, NULL,
        round(greatest(0, epoch(coalesce(r.last_live_at, r.triggered_at) - r.triggered_at)) / 86400, 2))
        AS at_least_days,
    if(r.ended_at IS NULL, NULL,
        round(epoch(r.ended_at - r.triggered_at) / 86400, 2)) AS at_most_days,
    if(r.privilege = 'admin', $revocation_privileged_days, $revocation_days) AS working_days_allowed,
    r.evidence_id,
    r.ticket
FROM revocations AS r
WHERE ($tenant IS NULL OR r.tenant_id = $tenant)
    AND ($from IS NULL OR r.triggered_at >= $from)
    AND ($to IS NULL OR r.triggered_at < $to)
ORDER BY r.tenant_id, r.triggered_at, r.name, r.subject_id, r.cause
