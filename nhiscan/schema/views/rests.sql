-- comment: Identities that are meant to rest between uses: a tag says so, or the frequency of a control that they were named to operate. No such rest is dormancy.
-- history: no
-- column identity_id: The identity.
-- column days: How long it may rest: its period and a tenth; 400 for yearly, on_event and break-glass, which are tried out once a year.
-- column reasons: What says so: the tag expected-frequency, or the control instance and its frequency; hostile text.
WITH tagged AS (
    -- Google's labels know no capitals, and other platforms no one way of writing.
    SELECT i.identity_id,
        [k for k in json_keys(i.tags) if replace(lower(k), '_', '-') = 'expected-frequency'][1]
            AS tag,
        replace(lower(trim(i.tags ->> ('$."' || tag || '"'))), '-', '_') AS frequency
    FROM identities i
    WHERE lower(i.tags::VARCHAR) LIKE '%expected_frequency%'
),
said AS (
    SELECT t.identity_id, t.frequency, 'tag ' || t.tag || '=' || t.frequency AS reason
    FROM tagged t
    UNION ALL
    -- A link that is only inferred excuses nobody.
    SELECT l.identity_id, c.frequency, l.instance_id || ' is ' || c.frequency
    FROM control_links l
    JOIN control_instances c ON c.instance_id = l.instance_id
    WHERE l.state IN ('linked', 'confirmed')
        AND list_has_any(l.basis, ['explicit', 'confirmed', 'tag'])
),
periods AS (
    SELECT s.identity_id, s.reason,
        CASE
            WHEN s.frequency = 'quarterly' THEN 100
            WHEN s.frequency IN ('half_yearly', 'semiannual') THEN 200
            WHEN s.frequency IN (
                'annual', 'yearly', 'on_event', 'break_glass', 'breakglass', 'emergency'
            ) THEN 400
        END AS days
    FROM said s
)
SELECT p.identity_id, max(p.days) AS days, list(DISTINCT p.reason ORDER BY p.reason) AS reasons
FROM periods p
WHERE p.days IS NOT NULL
GROUP BY p.identity_id
