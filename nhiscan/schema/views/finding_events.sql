-- comment: The life of every finding, one event a row; the owner as of a date is in findings_history.
-- history: no
-- column finding_id: The finding.
-- column tenant_id: The client.
-- column rule: Code of the rule.
-- column occurred_at: When: the scan or conclusion that changed it, or what somebody recorded.
-- column event: opened, reopened, resolved, unknown, seen_again, accepted, acceptance_ended, owner_changed, severity_changed, due_changed, ticket or decision.
-- column was: What held before: a state, owner, severity or due date.
-- column became: What holds from then on; of tickets and decisions, what was said.
-- column told_by: Who said so, of tickets and decisions; else null.
WITH versions AS (
    SELECT
        v.*,
        lag(v.status) OVER life AS old_status,
        lag(v.owner_id) OVER life AS old_owner,
        lag(v.severity) OVER life AS old_severity,
        lag(v.due_at) OVER life AS old_due
    FROM finding_version v
    WHERE @before(v.valid_from)
    WINDOW life AS (PARTITION BY v.finding_id ORDER BY v.valid_from)
),

changes AS (
    SELECT
        v.finding_id, v.tenant_id, v.rule, v.valid_from AS occurred_at,
        CASE
            WHEN v.status = 'resolved' THEN 'resolved'
            WHEN v.status = 'unknown' THEN 'unknown'
            WHEN v.status = 'accepted' THEN 'accepted'
            WHEN v.old_status IS NULL THEN 'opened'
            WHEN v.old_status = 'resolved' THEN 'reopened'
            WHEN v.old_status = 'accepted' THEN 'acceptance_ended'
            ELSE 'seen_again'
        END AS event,
        v.old_status AS was, v.status AS became
    FROM versions AS v
    WHERE v.status IS DISTINCT FROM v.old_status
    UNION ALL
    -- what is accepted or unsure from the start, or when it comes back, did open
    SELECT
        v.finding_id, v.tenant_id, v.rule, v.valid_from,
        if(v.old_status IS NULL, 'opened', 'reopened'), v.old_status, v.status
    FROM versions AS v
    WHERE v.status IN ('accepted', 'unknown') AND coalesce(v.old_status, 'resolved') = 'resolved'
    UNION ALL
    SELECT v.finding_id, v.tenant_id, v.rule, v.valid_from, 'owner_changed', v.old_owner, v.owner_id
    FROM versions AS v
    WHERE v.old_status IS NOT NULL AND v.owner_id IS DISTINCT FROM v.old_owner
    UNION ALL
    SELECT
        v.finding_id, v.tenant_id, v.rule, v.valid_from, 'severity_changed', v.old_severity,
        v.severity
    FROM versions AS v
    WHERE v.old_status IS NOT NULL AND v.severity IS DISTINCT FROM v.old_severity
    UNION ALL
    SELECT
        v.finding_id, v.tenant_id, v.rule, v.valid_from, 'due_changed',
        strftime(v.old_due, '%Y-%m-%dT%H:%M:%SZ'), strftime(v.due_at, '%Y-%m-%dT%H:%M:%SZ')
    FROM versions AS v
    WHERE v.old_status IS NOT NULL AND v.due_at IS DISTINCT FROM v.old_due
)

SELECT c.finding_id, c.tenant_id, c.rule, c.occurred_at, c.event, c.was, c.became, NULL AS told_by
FROM changes AS c
UNION ALL
SELECT
    t.finding_id, t.tenant_id, f.rule, t.recorded_at, 'ticket', NULL,
    concat_ws(' ', t.ticket_ref, t.status), t.recorded_by
FROM ticket t
LEFT JOIN (SELECT finding_id, any_value(rule) AS rule FROM finding_version GROUP BY ALL) AS f
    ON f.finding_id = t.finding_id
WHERE @before(t.recorded_at)
UNION ALL
SELECT
    d.finding_id, d.tenant_id, f.rule, d.decided_at, 'decision', NULL, d.decision, d.decided_by
FROM finding_decision d
LEFT JOIN (SELECT finding_id, any_value(rule) AS rule FROM finding_version GROUP BY ALL) AS f
    ON f.finding_id = d.finding_id
WHERE @before(d.recorded_at)
