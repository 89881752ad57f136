-- title: Controls that no identity operates, and powerful identities that operate no control
-- why: A control without its machine cannot be proven from logs; a machine without a control is
--   power that nobody can say the reason for.
-- rule: CTL-07
-- severity: medium
-- frameworks: soc2: CC5.2; csf: ID.AM-02; nist_800_53: CM-8; iso_27001: 5.9; cis: 5.5
-- unknown: What the matrix names was not found, and a place where it may be was not read whole; or
--   the rights of the identity were not. Identities are judged only of tenants that have a matrix;
--   without any scan, what the matrix names counts as found.
-- remediation: Name under `operated_by` what operates the control, by id or tag, or say
--   `operated_by_human: true` with the reason in `notes`; confirm suggested links with
--   `nhiscan link confirm`. Ask the owner of a powerful identity without a control what it is for.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
linked AS (
    SELECT
        instance_id,
        count(*) FILTER (state IN ('linked', 'confirmed')) AS links,
        count(*) FILTER (state = 'suggested') AS suggestions
    FROM control_links
    GROUP BY instance_id
),
-- What the matrix says operates each, and the one account or the provider that an id tells.
named AS (
    SELECT
        instance_id,
        tenant_id,
        coalesce(native_id, selector) AS said,
        CASE
            WHEN native_id LIKE 'arn:%:%:%:_%:%' THEN 'aws:' || split_part(native_id, ':', 5)
        END AS account_id,
        CASE
            WHEN native_id LIKE 'arn:%' OR native_id LIKE 'aws:%' THEN 'aws'
            WHEN native_id LIKE 'entra:%' OR native_id LIKE 'azure:%' THEN 'azure'
            WHEN native_id LIKE 'gcp:%' OR native_id LIKE '%.gserviceaccount.com' THEN 'gcp'
        END AS provider,
        native_id LIKE 'arn:%:iam:%' AS of_iam
    FROM operators
),
operated AS (
    SELECT instance_id, list(said ORDER BY said) AS named
    FROM named
    GROUP BY instance_id
),
-- Where an operator of a client's control may live: with the client, the MSP or a subservice.
homes AS (
    SELECT mine.tenant_id, other.tenant_id AS home_id, other.client_group = mine.client_group AS own
    FROM tenants AS mine
    JOIN tenants AS other
        ON other.client_group = mine.client_group OR other.kind IN ('msp', 'subservice')
),
unseen AS (
    SELECT n.instance_id, n.account_id || ': not read' AS what
    FROM named AS n
    WHERE n.account_id IS NOT NULL
        AND n.account_id NOT IN (SELECT r.account_id FROM read_spots AS r)
    UNION ALL
    SELECT n.instance_id, n.tenant_id || ': no account was read'
    FROM named AS n
    WHERE n.account_id IS NULL AND NOT EXISTS (
        FROM read_spots AS r
        JOIN homes AS h ON h.home_id = r.tenant_id
        WHERE h.tenant_id = n.tenant_id
            AND h.own
            AND (n.provider IS NULL OR split_part(r.account_id, ':', 1) = n.provider)
    )
    UNION ALL
    SELECT n.instance_id, unnest(b.unread)
    FROM named AS n
    JOIN homes AS h ON h.tenant_id = n.tenant_id
    JOIN blind_spots AS b
        ON b.tenant_id = h.home_id
        AND b.topic = 'identities'
        AND (
            b.account_id = n.account_id
            OR (
                n.account_id IS NULL
                AND (n.provider IS NULL OR split_part(b.account_id, ':', 1) = n.provider)
            )
        )
        AND (
            NOT coalesce(n.of_iam, false)
            OR len(b.native_types) = 0
            OR list_has_any(b.native_types, ['aws.iam.user', 'aws.iam.role'])
        )
),
doubts AS (
    SELECT instance_id, list(DISTINCT what ORDER BY what) AS unread
    FROM unseen
    GROUP BY instance_id
),
instances AS (
    SELECT
        i.*,
        coalesce(o.named, []) AS named,
        coalesce(l.links, 0) AS links,
        coalesce(l.suggestions, 0) AS suggestions,
        i.operated_by_human AND trim(coalesce(i.notes, '')) <> '' AS by_people,
        -- links are of today, and so say nothing of what is yet to begin
        EXISTS (FROM read_spots) AND i.period_start <= t.day AS looked,
        d.unread
    FROM control_instances AS i
    CROSS JOIN today AS t
    LEFT JOIN operated AS o ON o.instance_id = i.instance_id
    LEFT JOIN linked AS l ON l.instance_id = i.instance_id
    LEFT JOIN doubts AS d ON d.instance_id = i.instance_id
    WHERE i.responsibility <> 'n/a' AND i.period_end > t.day
),
-- A link to a part of an identity, such as a registration, is one to the whole.
working AS (
    SELECT coalesce(i.part_of, l.identity_id) AS identity_id
    FROM control_links AS l
    LEFT JOIN identities AS i ON i.identity_id = l.identity_id
    WHERE l.state IN ('linked', 'confirmed')
    UNION
    SELECT l.identity_id FROM control_links AS l WHERE l.state IN ('linked', 'confirmed')
),
suggested AS (
    SELECT identity_id, list(instance_id ORDER BY confidence DESC, instance_id) AS instances
    FROM control_links
    WHERE state = 'suggested'
    GROUP BY identity_id
),
blind AS (
    SELECT
        i.identity_id,
        list_distinct(flatten(list(b.unread))).list_sort() AS unread
    FROM governed AS i
    JOIN blind_spots AS b
        ON b.tenant_id = i.tenant_id
        AND b.account_id = i.account_id
        AND b.topic = 'privilege'
        AND (len(b.native_types) = 0 OR list_contains(b.native_types, i.native_type))
    GROUP BY i.identity_id
)
SELECT
    if(looked AND len(named) > 0 AND unread IS NOT NULL, 'unknown', 'open') AS verdict,
    tenant_id,
    NULL::VARCHAR AS account_id,
    NULL::VARCHAR AS identity_id,
    instance_id,
    instance_id AS subject,
    CASE
        WHEN operated_by_human
            THEN instance_id || ' is said to be operated by people, without a reason'
        WHEN len(named) = 0 THEN instance_id || ' names no identity that operates it'
        ELSE 'What is to operate ' || instance_id || ' was not found: '
            || array_to_string(named, ', ')
    END AS title,
    NULL::VARCHAR AS name,
    NULL::VARCHAR AS native_id,
    NULL::VARCHAR AS privilege,
    criteria,
    named AS operated_by,
    suggestions AS suggested_links,
    NULL::VARCHAR[] AS suggested_instances,
    3 AS base,
    file,
    coalesce(
        CAST(lines ->> 'operated_by' AS BIGINT),
        CAST(lines ->> 'operated_by_human' AS BIGINT),
        line
    ) AS line,
    'an identity under `operated_by` that a scan finds, a confirmed link, or why people do it'
        AS would_change,
    []::VARCHAR[] AS rests_on,
    if(looked AND len(named) > 0, coalesce(unread, []), [])::VARCHAR[] AS unread
FROM instances
WHERE links = 0 AND NOT by_people AND (looked OR len(named) = 0)
UNION ALL BY NAME
SELECT
    if(len(i.unread) = 0 AND b.unread IS NULL, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' is powerful and operates no control' AS title,
    i.name,
    i.native_id,
    i.privilege,
    len(s.instances) AS suggested_links,
    s.instances AS suggested_instances,
    -- with what its power adds: low for who may write, medium for an administrator
    1 AS base,
    'a link to a control instance, or less power' AS would_change,
    i.rests_on,
    list_distinct(i.unread || coalesce(b.unread, [])).list_sort() AS unread
FROM governed AS i
LEFT JOIN suggested AS s ON s.identity_id = i.identity_id
LEFT JOIN blind AS b ON b.identity_id = i.identity_id
WHERE i.privilege IN ('admin', 'write')
    AND i.tenant_id IN (SELECT c.tenant_id FROM control_instances AS c)
    AND i.identity_id NOT IN (SELECT w.identity_id FROM working AS w)
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic IN ('identities', 'privilege')
    AND tenant_id IN (SELECT c.tenant_id FROM control_instances AS c)
ORDER BY tenant_id, instance_id, account_id, name, identity_id
