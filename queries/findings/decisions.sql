-- title: What owners answered about findings
-- why: An answer without a deed is a promise: what was decided stands beside what is still open.
-- param: tenant text null only this client
-- param: decision text null only this answer, such as accept
-- unknown: Only answers that were imported are known.
SELECT
    d.decided_at,
    d.tenant_id,
    d.decision,
    d.decided_by,
    d.reassign_to,
    d.defer_until,
    d.comment,
    f.severity,
    f.rule,
    f.status,
    f.title,
    f.owner_id,
    f.due_at,
    f.finding_id
FROM decisions AS d
JOIN findings AS f ON f.finding_id = d.finding_id
WHERE d.is_newest
    AND ($tenant IS NULL OR d.tenant_id = $tenant)
    AND ($decision IS NULL OR d.decision = $decision)
ORDER BY d.decided_at DESC, d.tenant_id, f.rule, f.finding_id
