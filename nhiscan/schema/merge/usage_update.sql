-- Last use in place, where it differs. A source that cannot tell keeps the last use that was known:
-- it did happen.
UPDATE usage_last t SET
    usage = s.usage,
    last_used_at = greatest(s.last_used_at, t.last_used_at),
    service = coalesce(s.service, t.service),
    used_region = coalesce(s.used_region, t.used_region),
    window_days = s.window_days,
    note = s.note,
    source = s.source,
    region = s.region
FROM staged_usage s
WHERE s.subject_id = t.subject_id AND (
    (s.usage, s.note, s.window_days, s.source, s.region)
        IS DISTINCT FROM (t.usage, t.note, t.window_days, t.source, t.region)
    OR greatest(s.last_used_at, t.last_used_at) IS DISTINCT FROM t.last_used_at
)
