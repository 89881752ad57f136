-- title: What can be brought forth for each control: evidence, reviews, incidents, and what lacks
-- why: R23: an auditor names a control and a period, and waits with a watch.
-- param: tenant text null only this client
-- param: criterion text null only controls that serve this criterion
-- param: from time null only evidence that speaks of a time after this
-- param: to time null only evidence that speaks of a time before this
-- unknown: An instance without a row of evidence is listed with a miss: nothing was recorded, which
--   is not that nothing happened.
SELECT
    i.tenant_id,
    i.instance_id,
    i.criteria,
    e.kind,
    e.evidence_id,
    e.collected_at,
    e.period_start,
    e.period_end,
    e.custodian_id,
    e.name,
    coalesce(e.path, e.uri) AS kept_at,
    e.sha256,
    e.row_count,
    e.evidence_id IS NULL AS is_missing
FROM control_instances AS i
LEFT JOIN evidence AS e
    ON e.instance_id = i.instance_id
    -- without a period of its own, evidence speaks of when it was collected
    AND ($from IS NULL OR coalesce(e.period_end, e.collected_at) > $from)
    AND ($to IS NULL OR coalesce(e.period_start, e.collected_at) < $to)
WHERE ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(i.criteria, $criterion))
ORDER BY i.tenant_id, i.instance_id, e.collected_at, e.evidence_id
