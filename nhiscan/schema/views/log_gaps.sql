-- comment: Times of a control's period of which no recorded evidence preserves the platform's log, by log.
-- history: no
-- column instance_id: The control instance.
-- column tenant_id: Its client.
-- column provider: Platform of identities that operate it.
-- column log: The platform's log.
-- column licence: Licence that was taken for granted; the longest where nothing tells.
-- column days: Days that the log is kept at most.
-- column has_export: True if anything of this period was preserved.
-- column gap_start: Begin of the time that nothing preserves.
-- column gap_end: First moment after it, at most the end of the control's period.
WITH
-- A refused licence tells the licence; else the longest retention is believed.
unlicensed AS (
    SELECT DISTINCT c.tenant_id, c.provider FROM latest_coverage c WHERE c.state = 'not_licensed'
),
operated AS (
    SELECT DISTINCT l.instance_id, l.tenant_id, l.identity_tenant_id, i.provider
    FROM control_links l
    JOIN identities i ON i.identity_id = l.identity_id
    WHERE l.state IN ('linked', 'confirmed')
),
logs AS (
    SELECT o.instance_id, o.tenant_id, o.provider, r.log, r.licence, r.days
    FROM operated o
    JOIN log_retentions r ON r.provider = o.provider
    LEFT JOIN unlicensed u ON u.tenant_id = o.identity_tenant_id AND u.provider = o.provider
    WHERE r.licence IS NULL OR (r.licence = 'free') = (u.tenant_id IS NOT NULL)
    QUALIFY row_number() OVER (PARTITION BY o.instance_id, o.provider, r.log ORDER BY r.days) = 1
),
-- What preserves a log: of the instance, of its client, or of whose identity does the work.
preserved AS (
    SELECT o.instance_id, e.period_start AS starts, e.period_end AS ends
    FROM (SELECT DISTINCT x.instance_id, x.tenant_id, x.identity_tenant_id FROM operated x) o
    JOIN evidence e
        ON e.kind IN ('log_export', 'operation_log', 'usage')
        AND len(e.incomplete) = 0
        AND e.period_start IS NOT NULL
        AND e.period_end IS NOT NULL
        AND (
            e.instance_id = o.instance_id
            OR (e.instance_id IS NULL AND e.tenant_id IN (o.tenant_id, o.identity_tenant_id))
        )
),
periods AS (
    SELECT i.instance_id, i.period_start::TIMESTAMPTZ AS first_at,
        i.period_end::TIMESTAMPTZ AS last_at
    FROM control_instances i
    WHERE i.responsibility <> 'n/a'
),
-- With an end mark at the end of the period, every gap lies before some interval.
marks AS (
    SELECT p.instance_id, p.first_at, s.starts, s.ends, true AS is_export
    FROM periods p
    JOIN preserved s
        ON s.instance_id = p.instance_id AND s.starts < p.last_at AND s.ends > p.first_at
    UNION ALL
    SELECT p.instance_id, p.first_at, p.last_at, p.last_at, false FROM periods p
),
gaps AS (
    SELECT m.instance_id, m.starts AS gap_end,
        coalesce(
            max(m.ends) OVER (
                PARTITION BY m.instance_id ORDER BY m.starts, m.ends
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            m.first_at
        ) AS gap_start,
        bool_or(m.is_export) OVER (PARTITION BY m.instance_id) AS has_export
    FROM marks m
)
SELECT l.instance_id, l.tenant_id, l.provider, l.log, l.licence, l.days, g.has_export, g.gap_start,
    g.gap_end
FROM logs l
JOIN gaps g ON g.instance_id = l.instance_id
WHERE g.gap_start < g.gap_end
