-- title: Who answers for each requirement, and where it says so
-- why: The first thing that an auditor asks: one name for each requirement and client, the line
--   that names it, and when that was last confirmed.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- unknown: verdict is fail where CTL-01 is open for an instance, unknown where the roster does not
--   tell; over if the period is. last_confirmed is the newest of: the scan that first read this
--   owner, a signature under the text as it is, an acknowledged hand-off.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
versions AS (
    SELECT
        instance_id,
        valid_from,
        accountable_refs,
        lag(accountable_refs) OVER (PARTITION BY instance_id ORDER BY valid_from) AS before
    FROM control_instances_history
),
named AS (
    SELECT instance_id, max(valid_from) AS owner_since
    FROM versions
    WHERE accountable_refs IS DISTINCT FROM before
    GROUP BY instance_id
),
handed AS (
    SELECT instance_id, max(handoff_ack) AS acknowledged
    FROM custody
    WHERE handoff_ack <= (SELECT day FROM today)
    GROUP BY instance_id
),
judged AS (
    SELECT
        unnest(i.criteria) AS criterion,
        i.instance_id,
        i.tenant_id,
        CASE
            WHEN i.responsibility = 'n/a' THEN 'not applicable'
            WHEN i.period_end <= t.day THEN 'over'
            WHEN f.status IN ('open', 'accepted') THEN 'fail'
            WHEN f.status = 'unknown' OR p.employment = 'unknown' THEN 'unknown'
            ELSE 'pass'
        END AS verdict,
        coalesce(p.name, array_to_string(i.accountable_refs, ', ')) AS owner,
        i.accountable_id,
        p.org,
        p.employment,
        i.file || ':' || coalesce(i.lines ->> 'accountable', CAST(i.line AS VARCHAR)) AS source,
        CAST(n.owner_since AT TIME ZONE 'UTC' AS DATE) AS owner_since,
        greatest(
            CAST(n.owner_since AT TIME ZONE 'UTC' AS DATE),
            if(s.covers_sha256 = i.text_sha256 AND s.signed_at <= t.day, s.signed_at, NULL),
            h.acknowledged
        ) AS last_confirmed,
        f.title AS fault
    FROM control_instances AS i
    CROSS JOIN today AS t
    LEFT JOIN parties AS p ON p.party_id = i.accountable_id
    LEFT JOIN named AS n ON n.instance_id = i.instance_id
    LEFT JOIN handed AS h ON h.instance_id = i.instance_id
    LEFT JOIN signoffs AS s ON s.instance_id = i.instance_id
    LEFT JOIN findings AS f
        ON f.instance_id = i.instance_id AND f.rule = 'CTL-01' AND f.status <> 'resolved'
)
SELECT
    CASE
        WHEN bool_or(j.verdict = 'fail') THEN 'fail'
        WHEN bool_or(j.verdict = 'unknown') THEN 'unknown'
        WHEN bool_or(j.verdict = 'pass') THEN 'pass'
        ELSE min(j.verdict)
    END AS verdict,
    j.tenant_id,
    j.criterion,
    any_value(c.title) AS title,
    string_agg(DISTINCT j.owner, '; ' ORDER BY j.owner) FILTER (j.owner <> '') AS owner,
    count(DISTINCT j.owner) FILTER (j.owner <> '') AS owners,
    string_agg(DISTINCT j.org, '; ' ORDER BY j.org) AS org,
    string_agg(DISTINCT j.employment, '; ' ORDER BY j.employment) AS employment,
    list(j.instance_id ORDER BY j.instance_id) AS instances,
    list(j.source ORDER BY j.instance_id) AS sources,
    -- a requirement is as well confirmed as the least confirmed of its instances
    max(j.owner_since) AS owner_since,
    min(j.last_confirmed) AS last_confirmed,
    (SELECT max(started_at) FROM scans) AS matrix_read_at,
    list(j.fault ORDER BY j.instance_id) FILTER (j.fault IS NOT NULL) AS faults
FROM judged AS j
LEFT JOIN controls AS c ON c.control_id = j.criterion
WHERE ($tenant IS NULL OR j.tenant_id = $tenant)
    AND ($criterion IS NULL OR j.criterion = $criterion)
GROUP BY j.tenant_id, j.criterion
ORDER BY j.tenant_id, j.criterion
