-- title: Controls whose proof rests on a log that is gone before the audit
-- why: A log that keeps 90 days cannot prove a year; what is not exported in time is lost for good.
-- rule: EVD-05
-- severity: medium
-- frameworks: soc2: CC2.1; csf: PR.PS-04; nist_800_53: AU-11, CA-7; iso_27001: 5.33, 8.15; cis: 8.10
-- unknown: Looked at are the platforms of the identities that operate the control, with the longest
--   retention that their licences allow. An export counts if it was recorded with its period
--   (`--from`, `--to`), as log_export, operation_log or usage; a trail or workspace that keeps logs
--   for longer is one to record. Platforms without a published retention are not judged.
-- remediation: Export the log before it is gone, at least as often as the platform deletes it, and
--   record it: `nhiscan evidence add LOG --kind log_export --instance ID --from DATE --to DATE`, or a
--   `--reference` to where a trail keeps it.
WITH gaps AS (
    SELECT
        g.*,
        least(g.gap_end, $now - to_days(CAST(g.days AS INTEGER))) AS lost_until
    FROM log_gaps AS g
    JOIN control_instances AS i ON i.instance_id = g.instance_id
    WHERE CAST(i.period_start AS TIMESTAMPTZ) <= $now
        AND CAST(i.period_end AS TIMESTAMPTZ) > $now
        -- of a shorter period all can be fetched on its last day
        AND to_days(CAST(g.days AS INTEGER))
        < CAST(i.period_end AS TIMESTAMPTZ) - CAST(i.period_start AS TIMESTAMPTZ)
),
judged AS (
    SELECT
        instance_id,
        list(DISTINCT log ORDER BY log) AS logs,
        min(days) AS days_kept,
        bool_or(gap_start < lost_until) AS is_lost,
        min(gap_start) FILTER (gap_start < lost_until) AS lost_from,
        max(lost_until) FILTER (gap_start < lost_until) AS lost_until
    FROM gaps
    WHERE gap_start < lost_until OR NOT has_export
    GROUP BY instance_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    if(
        j.is_lost,
        'part of the log that proves ' || i.instance_id || ' is gone',
        'the log that proves ' || i.instance_id || ' will be gone before the period ends'
    ) AS title,
    j.logs,
    j.days_kept,
    CAST(j.lost_from AT TIME ZONE 'UTC' AS DATE) AS lost_from,
    i.period_start,
    i.period_end,
    i.file,
    i.line,
    'an export of the log that covers the period so far' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM judged AS j
JOIN control_instances AS i ON i.instance_id = j.instance_id
ORDER BY i.tenant_id, i.instance_id
