-- title: Identities of an incident whose credentials were not renewed after containment
-- why: R17: the leaked token was revoked, and its sibling on the same application still works.
-- rule: IR-01
-- severity: high
-- frameworks: soc2: CC7.2, CC7.3, CC7.4, CC7.5; csf: DE.CM-03, DE.AE-02, RS.MA-01; owasp_nhi:
--   NHI2:2025~; nist_800_53: AU-6, IR-4, IR-5; iso_27001: 8.16, 5.24, 5.25, 5.26, 5.27; cis: 8.11, 17
-- unknown: The credentials were not read whole since the containment, the platform does not tell when
--   one was made, or nothing is known by the name that the incident gives.
-- remediation: Renew every credential of the identity, the siblings too, and delete the old ones; the
--   next scan shows it.
WITH incidents AS (
    SELECT
        r.tenant_id,
        r.instance_id,
        r.evidence_id,
        r.record ->> 'incident_id' AS incident_id,
        CAST(r.record ->> 'contained_at' AS TIMESTAMPTZ) AS contained_at,
        list_distinct(
            coalesce(CAST(r.record -> 'identities' AS VARCHAR[]), CAST([] AS VARCHAR[]))
        ) AS refs
    FROM evidence_records AS r
    WHERE r.kind = 'incident'
    -- an incident recorded again replaces what was said of it before
    QUALIFY row_number() OVER (
        PARTITION BY r.tenant_id, incident_id ORDER BY r.recorded_at DESC, r.evidence_id
    ) = 1
),
touched AS (
    SELECT i.* EXCLUDE (refs), u.ref, n.identity_id
    FROM incidents AS i
    CROSS JOIN LATERAL (SELECT unnest(i.refs) AS ref) AS u
    LEFT JOIN identity_names AS n ON n.tenant_id = i.tenant_id AND n.ref = u.ref
    WHERE i.contained_at IS NOT NULL
),
blind AS (
    SELECT s.tenant_id, s.account_id, list_distinct(flatten(list(s.unread))) AS unread
    FROM blind_spots AS s
    WHERE s.topic = 'credentials'
    GROUP BY s.tenant_id, s.account_id
),
siblings AS (
    SELECT
        t.*,
        c.credential_id,
        c.kind,
        c.public_id,
        c.created_at,
        c.holder,
        CASE
            WHEN c.credential_id IS NULL THEN if(b.unread IS NULL, 'renewed', 'unread')
            WHEN c.created_at >= t.contained_at THEN 'renewed'
            WHEN c.status NOT IN ('active', 'unknown') OR c.expires_at <= $now THEN 'renewed'
            WHEN len(c.unread) > 0 OR o.read_at <= t.contained_at OR o.read_at IS NULL THEN 'unread'
            WHEN c.created_at IS NULL THEN 'undated'
            WHEN c.status = 'unknown' THEN 'unread'
            ELSE 'old'
        END AS state,
        coalesce(c.unread, b.unread) AS not_whole
    FROM touched AS t
    LEFT JOIN identities AS w ON w.identity_id = t.identity_id
    LEFT JOIN identities AS p
        ON coalesce(p.part_of, p.identity_id) = coalesce(w.part_of, w.identity_id)
    LEFT JOIN installed_credentials AS c
        ON c.identity_id = p.identity_id
        AND c.kind NOT IN ('federated_trust', 'oidc_provider', 'saml_provider')
    LEFT JOIN read_spots AS o
        ON o.tenant_id = c.tenant_id AND o.account_id = c.account_id AND o.spot = c.rests_on[1]
    LEFT JOIN blind AS b ON b.tenant_id = p.tenant_id AND b.account_id = p.account_id
    WHERE t.identity_id IS NOT NULL
),
judged AS (
    SELECT
        s.tenant_id,
        s.incident_id,
        s.identity_id,
        any_value(s.instance_id) AS instance_id,
        any_value(s.evidence_id) AS evidence_id,
        any_value(s.contained_at) AS contained_at,
        bool_or(s.state = 'old') AS is_open,
        list({'kind': s.kind, 'public_id': s.public_id, 'created_at': s.created_at,
            'state': s.state} ORDER BY s.created_at, s.credential_id)
            FILTER (s.state <> 'renewed') AS left_over,
        list_distinct(flatten(list(
            if(s.state = 'undated', ['when ' || replace(s.kind, '_', ' ') || ' was made: not told'],
                if(len(s.not_whole) > 0, s.not_whole,
                    ['credentials: not read since the containment']))
        ) FILTER (s.state IN ('unread', 'undated')))) AS unread
    FROM siblings AS s
    GROUP BY s.tenant_id, s.incident_id, s.identity_id
    HAVING bool_or(s.state <> 'renewed')
),
gone AS (
    -- what only versions that ended were called is gone, with all its credentials
    SELECT DISTINCT t.tenant_id, t.ref
    FROM touched AS t
    JOIN identities_history AS h
        ON t.ref IN (h.identity_id, h.native_id, h.immutable_id, h.name)
    WHERE t.identity_id IS NULL AND h.valid_to >= t.contained_at
)
SELECT
    if(j.is_open, 'open', 'unknown') AS verdict,
    j.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    j.instance_id,
    j.identity_id,
    j.incident_id || ' ' || j.identity_id AS subject,
    if(
        j.is_open,
        'credentials of ' || i.name || ' from before incident ' || j.incident_id
            || ' was contained still work',
        'nobody can tell whether the credentials of ' || i.name || ' were renewed after incident '
            || j.incident_id
    ) AS title,
    i.name,
    i.native_id,
    j.incident_id,
    j.contained_at,
    j.left_over AS credentials,
    j.evidence_id,
    i.owner_id AS remediation_owner_id,
    'a complete read that shows no credential of it from before the containment' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    if(j.is_open, CAST([] AS VARCHAR[]), coalesce(j.unread, CAST([] AS VARCHAR[]))) AS unread
FROM judged AS j
JOIN identities AS i ON i.identity_id = j.identity_id
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    t.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    t.instance_id,
    t.incident_id || ' ' || t.ref AS subject,
    'incident ' || t.incident_id || ' names ' || t.ref || ', and not one identity alone is so called'
        AS title,
    t.incident_id,
    t.contained_at,
    t.evidence_id,
    'a name that one identity alone has' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    ['the identity that the incident names: not known'] AS unread
FROM touched AS t
WHERE t.identity_id IS NULL
    AND NOT EXISTS (FROM gone AS g WHERE g.tenant_id = t.tenant_id AND g.ref = t.ref)
ORDER BY tenant_id, subject
