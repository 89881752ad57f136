-- title: Controls that nobody else can answer for
-- why: When the owner falls ill the week before the audit, the control has nobody.
-- rule: CTL-02
-- severity: medium
-- frameworks: soc2: CC1.3, CC1.5; csf: GV.RR-02, GV.OC-02; nist_800_53: PM-4~; iso_27001: 5.2;
--   cis: 17.1~
-- unknown: The roster does not say whether the backup is still here. Instances whose period is over
--   are not judged. An absence of one of the two is what a backup is for, and no fault.
-- remediation: Name in `backup` a second person, who is here, can be reached and whose
--   organization has a part in the control.
WITH
judged AS (
    SELECT
        i.*,
        b.name AS person,
        b.kind AS person_kind,
        b.org AS person_org,
        b.employment,
        b.since,
        b.email,
        a.name AS owner_name,
        a.employment AS owner_employment,
        coalesce(i.backup_id = i.accountable_id, i.accountable_refs = [i.backup_ref], false)
            AS same_person,
        count(*) OVER (PARTITION BY i.backup_id) AS backed_instances,
        b.party_id IS NOT NULL AND NOT EXISTS (
            FROM control_orgs AS o WHERE o.instance_id = i.instance_id AND o.org = b.org
        ) AS foreign_org
    FROM control_instances AS i
    LEFT JOIN parties AS b ON b.party_id = i.backup_id
    LEFT JOIN parties AS a ON a.party_id = i.accountable_id
    WHERE i.responsibility <> 'n/a' AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
reasoned AS (
    SELECT
        *,
        concat_ws(
            '; ',
            if(backup_ref IS NULL, 'none is named', NULL),
            if(same_person, backup_ref || ' is the owner too', NULL),
            if(
                backup_ref IS NOT NULL AND person IS NULL AND NOT same_person,
                backup_ref || ' names nobody in the roster',
                NULL
            ),
            if(person_kind <> 'person', person || ' is a ' || person_kind, NULL),
            if(
                person_kind = 'person' AND employment = 'left',
                person || ' has left' || coalesce(' (' || CAST(since AS VARCHAR) || ')', ''),
                NULL
            ),
            if(
                NOT same_person AND employment = 'leave' AND owner_employment IN ('leave', 'left'),
                person || ' is on leave, and ' || owner_name || if(
                    owner_employment = 'left', ' has left', ' is too'
                ),
                NULL
            ),
            if(
                person_kind = 'person' AND NOT same_person AND foreign_org,
                person || ' is of ' || person_org || ', which has no part in it',
                NULL
            ),
            if(
                person_kind = 'person' AND employment <> 'left' AND email IS NULL,
                'the roster has no address of ' || person,
                NULL
            ),
            if(
                person IS NOT NULL AND backed_instances > $backup_max_instances,
                person || ' backs more than ' || $backup_max_instances || ' controls',
                NULL
            )
        ) AS reasons,
        person_kind = 'person' AND employment = 'unknown' AS unsure
    FROM judged
)
SELECT
    if(reasons <> '', 'open', 'unknown') AS verdict,
    tenant_id,
    NULL::VARCHAR AS account_id,
    instance_id,
    instance_id AS subject,
    instance_id || if(
        reasons <> '',
        ' has no backup owner: ' || reasons,
        ' may have no backup owner: the roster does not say if ' || person || ' is here'
    ) AS title,
    criteria,
    responsibility,
    array_to_string(accountable_refs, ', ') AS accountable,
    owner_employment,
    backup_ref AS backup,
    person_org AS backup_org,
    employment AS backup_employment,
    backed_instances,
    reasons,
    file,
    coalesce(CAST(lines ->> 'backup' AS BIGINT), line) AS line,
    'a second person who is here, with an address, of an organization that has a part in it'
        AS would_change,
    []::VARCHAR[] AS rests_on,
    if(reasons <> '', [], ['roster: employment of ' || person || ' is unknown'])::VARCHAR[]
        AS unread
FROM reasoned
WHERE reasons <> '' OR unsure
ORDER BY tenant_id, instance_id
