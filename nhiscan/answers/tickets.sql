-- Adds what a ticket system says that is not known already: the newest row of a finding and ticket
-- holds. Leaves what was new in `new_ticket`.
CREATE OR REPLACE TEMP TABLE new_ticket AS
WITH held AS (
    SELECT t.*
    FROM ticket AS t
    QUALIFY row_number() OVER (
        PARTITION BY t.finding_id, t.ticket_ref ORDER BY t.recorded_at DESC, t.rowid DESC
    ) = 1
)
SELECT
    s.finding_id, f.tenant_id, s.ticket_ref, s.status, s.closed_at, h.finding_id IS NULL AS is_new
FROM told_ticket AS s
JOIN findings AS f ON f.finding_id = s.finding_id
LEFT JOIN held AS h ON h.finding_id = s.finding_id AND h.ticket_ref = s.ticket_ref
WHERE h.finding_id IS NULL
    OR h.status IS DISTINCT FROM s.status
    OR h.closed_at IS DISTINCT FROM s.closed_at;

INSERT INTO ticket BY NAME
SELECT
    n.finding_id, n.tenant_id, n.ticket_ref, n.status, n.closed_at, $by AS recorded_by,
    $at::TIMESTAMPTZ AS recorded_at
FROM new_ticket AS n;
