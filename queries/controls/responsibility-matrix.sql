-- title: Which side has which duty
-- why: The page of the contract that both sides look at when something was not done.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- unknown: completeness is the share of the seven duties that exactly one organization has; a duty
--   that is not listed lowers it and breaks no rule. verdict is fail where CTL-09 is open.
WITH
split AS (
    SELECT
        instance_id,
        string_agg(told, '') FILTER (duty = 'provision') AS provision,
        string_agg(told, '') FILTER (duty = 'review') AS review,
        string_agg(told, '') FILTER (duty = 'revoke') AS revoke,
        string_agg(told, '') FILTER (duty = 'approve') AS approve,
        string_agg(told, '') FILTER (duty = 'monitor') AS monitor,
        string_agg(told, '') FILTER (duty = 'respond') AS respond,
        string_agg(told, '') FILTER (duty = 'retain') AS retain,
        count(*) FILTER (sides = 1) AS assigned
    FROM (
        SELECT
            instance_id,
            duty,
            len(list_distinct(orgs)) AS sides,
            if(sides = 0, 'nobody', array_to_string(list_sort(list_distinct(orgs)), ' + ')) AS told
        FROM duties
    )
    GROUP BY instance_id
)
SELECT
    CASE
        WHEN i.period_end <= CAST($now AT TIME ZONE 'UTC' AS DATE) THEN 'over'
        WHEN f.finding_id IS NOT NULL THEN 'fail'
        WHEN i.responsibility = 'n/a' THEN 'not applicable'
        ELSE 'pass'
    END AS verdict,
    i.tenant_id,
    i.instance_id,
    i.criteria,
    i.responsibility,
    i.service_model,
    s.provision,
    s.review,
    s.revoke,
    s.approve,
    s.monitor,
    s.respond,
    s.retain,
    if(i.responsibility = 'n/a', NULL, coalesce(s.assigned, 0)) AS assigned,
    if(i.responsibility = 'n/a', NULL, 7) AS required,
    round(coalesce(s.assigned, 0) / if(i.responsibility = 'n/a', NULL, 7), 2) AS completeness,
    i.statement,
    i.agreement_doc,
    i.agreement_clause,
    i.cuec AS the_client_must,
    i.csoc AS the_subservice_must,
    i.notes,
    f.title AS fault,
    i.file || ':' || coalesce(i.lines ->> 'duties', CAST(i.line AS VARCHAR)) AS source
FROM control_instances AS i
LEFT JOIN split AS s ON s.instance_id = i.instance_id
LEFT JOIN findings AS f
    ON f.instance_id = i.instance_id AND f.rule = 'CTL-09' AND f.status <> 'resolved'
WHERE ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(i.criteria, $criterion))
ORDER BY i.tenant_id, i.instance_id
