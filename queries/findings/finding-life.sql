-- title: The life of findings, event by event
-- why: Who asks when a gap was opened, accepted or handed over wants the record, not a memory.
-- param: tenant text null only this client
-- param: rule text null only findings of this rule
-- param: finding text null only this finding
-- param: since time null only what happened from then on
-- unknown: Events stand where a scan or an answer made them: what was between two scans is not known.
SELECT
    e.occurred_at,
    e.tenant_id,
    e.rule,
    e.event,
    e.was,
    e.became,
    e.told_by,
    f.title,
    e.finding_id
FROM finding_events AS e
LEFT JOIN findings AS f ON f.finding_id = e.finding_id
WHERE ($tenant IS NULL OR e.tenant_id = $tenant)
    AND ($rule IS NULL OR e.rule = $rule)
    AND ($finding IS NULL OR e.finding_id = $finding)
    AND ($since IS NULL OR e.occurred_at >= $since)
ORDER BY e.occurred_at, e.finding_id, e.event
