-- What happened to the findings of $ids, oldest first.
SELECT e.finding_id, e.occurred_at, e.event, e.was, e.became, e.told_by
FROM finding_events AS e
WHERE e.finding_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY
    e.finding_id,
    e.occurred_at,
    -- within one moment: that it opened, then what it was
    list_position(['opened', 'reopened'], e.event) NULLS LAST,
    e.event
