-- title: Controls without one accountable person
-- why: An auditor asks one person for the proof; a team, a mailbox, two people or a leaver cannot
--   answer.
-- rule: CTL-01
-- severity: high
-- frameworks: soc2: CC1.3, CC1.5; csf: GV.RR-02, GV.OC-02; nist_800_53: PM-4~; iso_27001: 5.2;
--   cis: 17.1~
-- unknown: The roster does not say whether the person is still here. Instances whose period is over
--   are not judged. Who is on leave stays accountable.
-- remediation: Name in `accountable` one person who is here and whose organization has a part in
--   the control; the team can be named in `notes`.
WITH
judged AS (
    SELECT
        i.*,
        p.name AS person,
        p.kind AS person_kind,
        p.org AS person_org,
        p.employment,
        p.since,
        array_to_string(i.accountable_refs, ', ') AS accountable,
        len(i.accountable_refs) AS named,
        p.party_id IS NOT NULL AND NOT EXISTS (
            FROM control_orgs AS o WHERE o.instance_id = i.instance_id AND o.org = p.org
        ) AS foreign_org
    FROM control_instances AS i
    LEFT JOIN parties AS p ON p.party_id = i.accountable_id
    WHERE i.responsibility <> 'n/a' AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
),
reasoned AS (
    SELECT
        *,
        concat_ws(
            '; ',
            if(named = 0, 'nobody is named', NULL),
            if(named > 1, accountable || ' are named, not one', NULL),
            if(named = 1 AND person IS NULL, accountable || ' names nobody in the roster', NULL),
            if(person_kind <> 'person', person || ' is a ' || person_kind, NULL),
            if(
                person_kind = 'person' AND employment = 'left',
                person || ' has left' || coalesce(' (' || CAST(since AS VARCHAR) || ')', ''),
                NULL
            ),
            if(
                person_kind = 'person' AND foreign_org,
                person || ' is of ' || person_org || ', which has no part in it',
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
        ' has no accountable person: ' || reasons,
        ' may have no accountable person: the roster does not say if ' || person || ' is here'
    ) AS title,
    criteria,
    responsibility,
    accountable,
    accountable_id,
    person_org AS accountable_org,
    employment,
    reasons,
    file,
    coalesce(CAST(lines ->> 'accountable' AS BIGINT), line) AS line,
    'one active person of an organization that has a part in the control' AS would_change,
    []::VARCHAR[] AS rests_on,
    if(reasons <> '', [], ['roster: employment of ' || person || ' is unknown'])::VARCHAR[]
        AS unread
FROM reasoned
WHERE reasons <> '' OR unsure
ORDER BY tenant_id, instance_id
