-- title: Who stands in for the owner of each control, today or without somebody
-- why: Before somebody goes on leave or leaves: which controls would be left with nobody.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- param: absent text null as if this party were away: its id, name or address
-- unknown: verdict is unknown where the roster does not know the one who would have to answer.
--   Someone on notice is still here. Instances whose period is over are left out.
WITH
away AS (
    SELECT party_id, name
    FROM parties
    WHERE $absent IN (party_id, name, email)
),
people AS (
    SELECT
        party_id,
        name,
        org,
        email,
        employment,
        CASE
            WHEN party_id IN (SELECT w.party_id FROM away AS w) THEN 'away'
            WHEN kind <> 'person' THEN 'away'
            WHEN employment IN ('active', 'notice') THEN 'here'
            WHEN employment = 'unknown' THEN 'unknown'
            ELSE 'away'
        END AS presence
    FROM parties
),
judged AS (
    SELECT
        i.*,
        coalesce(a.name, array_to_string(i.accountable_refs, ', ')) AS owner,
        CASE
            WHEN len(i.accountable_refs) <> 1 THEN 'away'
            ELSE coalesce(a.presence, 'unknown')
        END AS owner_is,
        a.employment AS owner_employment,
        coalesce(b.name, i.backup_ref) AS backup,
        CASE
            WHEN i.backup_ref IS NULL OR i.backup_id = i.accountable_id THEN 'away'
            ELSE coalesce(b.presence, 'unknown')
        END AS backup_is,
        b.employment AS backup_employment,
        b.email AS backup_email,
        count(*) OVER (PARTITION BY i.backup_id) AS backed
    FROM control_instances AS i
    LEFT JOIN people AS a ON a.party_id = i.accountable_id
    LEFT JOIN people AS b ON b.party_id = i.backup_id
    WHERE i.responsibility <> 'n/a' AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
)
SELECT
    CASE
        WHEN 'here' IN (j.owner_is, j.backup_is) THEN 'pass'
        WHEN 'unknown' IN (j.owner_is, j.backup_is) THEN 'unknown'
        ELSE 'fail'
    END AS verdict,
    j.tenant_id,
    j.instance_id,
    j.criteria,
    CASE
        WHEN j.owner_is = 'here' THEN 'owner'
        WHEN j.owner_is = 'unknown' THEN 'not known'
        WHEN j.backup_is = 'here' THEN 'backup'
        WHEN j.backup_is = 'unknown' THEN 'not known'
        ELSE 'nobody'
    END AS covered_by,
    j.owner,
    j.owner_employment,
    j.backup,
    j.backup_employment,
    j.backup_email,
    if(j.backup_id IS NULL, NULL, j.backed) AS controls_of_the_backup,
    (SELECT min(w.name) FROM away AS w) AS as_if_absent,
    f.title AS fault,
    j.file || ':' || coalesce(j.lines ->> 'backup', CAST(j.line AS VARCHAR)) AS source
FROM judged AS j
LEFT JOIN findings AS f
    ON f.instance_id = j.instance_id AND f.rule = 'CTL-02' AND f.status <> 'resolved'
WHERE ($tenant IS NULL OR j.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(j.criteria, $criterion))
UNION ALL BY NAME
SELECT 'unknown' AS verdict, $absent || ': nobody in the roster is called so' AS as_if_absent
WHERE $absent IS NOT NULL AND NOT EXISTS (FROM away)
ORDER BY verdict, tenant_id, instance_id
