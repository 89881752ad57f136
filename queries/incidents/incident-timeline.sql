-- title: What happened in an incident: its times, who was told, and every credential that came or went
-- why: R17: containment, timestamps and follow-up in one line of time, with where each is from.
-- param: tenant text null only this client
-- param: incident text null only this incident
-- param: days_after integer 30 days after its closing, or containment, that are shown
-- unknown: Credentials come and go at the scan that showed it; when exactly, only the record tells.
WITH incidents AS (
    SELECT
        r.tenant_id,
        r.evidence_id,
        r.record,
        r.record ->> 'incident_id' AS incident_id,
        CAST(r.record ->> 'detected_at' AS TIMESTAMPTZ) AS detected_at,
        coalesce(
            CAST(r.record ->> 'closed_at' AS TIMESTAMPTZ),
            CAST(r.record ->> 'contained_at' AS TIMESTAMPTZ),
            CAST(r.record ->> 'detected_at' AS TIMESTAMPTZ)
        ) + to_days(CAST($days_after AS INTEGER)) AS until_at
    FROM evidence_records AS r
    WHERE r.kind = 'incident'
        AND ($tenant IS NULL OR r.tenant_id = $tenant)
        AND ($incident IS NULL OR r.record ->> 'incident_id' = $incident)
    QUALIFY row_number() OVER (
        PARTITION BY r.tenant_id, incident_id ORDER BY r.recorded_at DESC, r.evidence_id
    ) = 1
),
touched AS (
    SELECT i.*, n.identity_id
    FROM incidents AS i
    CROSS JOIN LATERAL (
        SELECT unnest(CAST(coalesce(i.record -> 'identities', '[]') AS VARCHAR[])) AS ref
    ) AS u
    JOIN identity_names AS n ON n.tenant_id = i.tenant_id AND n.ref = u.ref
),
lives AS (
    SELECT
        c.credential_id,
        c.identity_id,
        c.kind,
        c.public_id,
        -- some platforms renew a credential in its place
        c.created_at,
        min(c.valid_from) AS shown_at,
        if(bool_or(c.valid_to IS NULL), NULL, max(c.valid_to)) AS gone_at
    FROM credentials_history AS c
    GROUP BY ALL
),
told AS (
    SELECT i.tenant_id, i.incident_id, CAST(m.told_at AS TIMESTAMPTZ) AS happened_at, m.what,
        CAST(NULL AS VARCHAR) AS identity_id, i.record ->> 'review_ref' AS detail,
        i.evidence_id AS source
    FROM incidents AS i
    CROSS JOIN LATERAL (
        VALUES
            (i.record ->> 'detected_at', 'detected'),
            (i.record ->> 'contained_at', 'contained'),
            (i.record ->> 'closed_at', 'closed')
    ) AS m (told_at, what)
    UNION ALL
    SELECT i.tenant_id, i.incident_id, CAST(e.record ->> 'escalated_at' AS TIMESTAMPTZ), 'escalated',
        NULL, e.record ->> 'escalated_to', e.evidence_id
    FROM incidents AS i
    JOIN evidence_records AS e
        ON e.kind = 'escalation' AND e.tenant_id = i.tenant_id
        AND e.record ->> 'incident_id' = i.incident_id
    UNION ALL
    SELECT t.tenant_id, t.incident_id, coalesce(l.created_at, l.shown_at), 'credential made',
        t.identity_id, l.kind || coalesce(' ' || l.public_id, ''), 'scan'
    FROM touched AS t
    JOIN lives AS l ON l.identity_id = t.identity_id
    WHERE coalesce(l.created_at, l.shown_at) BETWEEN t.detected_at AND t.until_at
    UNION ALL
    SELECT t.tenant_id, t.incident_id, l.gone_at, 'credential gone', t.identity_id,
        l.kind || coalesce(' ' || l.public_id, ''), 'scan'
    FROM touched AS t
    JOIN lives AS l ON l.identity_id = t.identity_id
    WHERE l.gone_at BETWEEN t.detected_at AND t.until_at
    UNION ALL
    SELECT t.tenant_id, t.incident_id,
        CAST(coalesce(r.record ->> 'deleted_at', r.record ->> 'disabled_at') AS TIMESTAMPTZ),
        'revoked', t.identity_id, r.record ->> 'ticket', r.evidence_id
    FROM touched AS t
    JOIN evidence_records AS r ON r.kind = 'revocation' AND r.identity_id = t.identity_id
)
SELECT tenant_id, incident_id, happened_at, what, identity_id, detail, source
FROM told
WHERE happened_at IS NOT NULL
ORDER BY tenant_id, incident_id, happened_at, what, identity_id, detail
