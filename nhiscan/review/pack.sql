-- What a monthly review of one tenant has before it, as things stand now; $start and $end bound the
-- month, $now says what is overdue before it has ended. Rows of kind change inform and need no decision.
WITH open_findings AS (
    SELECT f.finding_id AS item_id, if(f.due_at < least($end, $now), 'overdue', 'gap') AS kind, f.rule, f.severity,
        f.title, f.owner_id AS owner, coalesce(f.identity_id, f.instance_id, f.account_id) AS subject,
        f.first_seen, f.due_at
    FROM findings AS f
    WHERE f.tenant_id = $tenant AND f.status = 'open' AND f.first_seen < $end
),
unsure AS (
    -- not read this time: neither gone nor there, so somebody has to look
    SELECT f.finding_id AS item_id, 'unknown' AS kind, f.rule, f.severity, f.title,
        f.owner_id AS owner, coalesce(f.identity_id, f.instance_id, f.account_id) AS subject,
        f.first_seen, f.due_at
    FROM findings AS f
    WHERE f.tenant_id = $tenant AND f.status = 'unknown' AND f.first_seen < $end
),
accepted AS (
    SELECT 'exception:' || e.exception_id AS item_id, 'exception' AS kind, e.rule,
        NULL AS severity, e.reason AS title, e.accepted_id AS owner,
        coalesce(e.identity_id, e.instance_id, e.identity_ref) AS subject,
        CAST(e.granted_at AS TIMESTAMPTZ) AS first_seen,
        CAST(e.expires_at AS TIMESTAMPTZ) AS due_at
    FROM exceptions AS e
    WHERE e.tenant_id = $tenant AND e.granted_at < $end AND e.expires_at >= $start
),
appeared AS (
    SELECT 'change:identities:' || i.account_id AS item_id, count(*) || ' identities appeared in '
            || i.account_id || ': ' || array_to_string(list(i.name ORDER BY i.name)[:10], ', ')
            || if(count(*) > 10, ' …', '') AS title, i.account_id AS subject, min(i.first_seen) AS first_seen
    FROM identities AS i
    WHERE i.tenant_id = $tenant AND i.first_seen >= $start AND i.first_seen < $end
        AND i.class NOT IN ('human', 'platform')
    GROUP BY i.account_id
    UNION ALL
    SELECT 'change:gone:' || h.account_id, count(*) || ' identities went from ' || h.account_id
            || ': ' || array_to_string(list(h.name ORDER BY h.name)[:10], ', ')
            || if(count(*) > 10, ' …', ''), h.account_id, min(h.valid_to)
    FROM (
        SELECT g.identity_id, g.account_id, any_value(g.name) AS name, max(g.valid_to) AS valid_to
        FROM identities_history AS g
        WHERE g.tenant_id = $tenant AND g.class NOT IN ('human', 'platform')
        GROUP BY ALL
        HAVING bool_and(g.valid_to IS NOT NULL)
    ) AS h
    WHERE h.valid_to >= $start AND h.valid_to < $end
    GROUP BY h.account_id
)
SELECT item_id, kind, rule, severity, title, owner, subject, first_seen, due_at, true AS needs_decision
FROM (FROM open_findings UNION ALL FROM unsure UNION ALL FROM accepted)
UNION ALL
SELECT item_id, 'change', NULL, NULL, title, NULL, subject, first_seen, NULL, false FROM appeared
ORDER BY
    list_position(['exception', 'overdue', 'gap', 'unknown', 'change'], kind),
    list_position(['critical', 'high', 'medium', 'low', 'info'], severity) NULLS LAST,
    rule NULLS LAST, item_id
