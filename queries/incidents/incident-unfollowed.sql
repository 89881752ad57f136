-- title: Incidents without follow-up
-- why: R17: an incident that was closed and never looked at again will come back.
-- rule: IR-02
-- severity: medium
-- frameworks: soc2: CC7.2, CC7.3, CC7.4, CC7.5; csf: DE.CM-03, DE.AE-02, RS.MA-01; owasp_nhi:
--   NHI2:2025~; nist_800_53: AU-6, IR-4, IR-5; iso_27001: 8.16, 5.24, 5.25, 5.26, 5.27; cis: 8.11, 17
-- unknown: What was not imported is not known here: no incident recorded is not no incident.
-- remediation: Contain it, close it, hold the review afterwards, and record the incident again with
--   its times and `review_ref`.
WITH incidents AS (
    SELECT
        r.tenant_id,
        r.instance_id,
        r.evidence_id,
        r.record ->> 'incident_id' AS incident_id,
        nullif(trim(r.record ->> 'review_ref'), '') AS review_ref,
        CAST(r.record ->> 'detected_at' AS TIMESTAMPTZ) AS detected_at,
        CAST(r.record ->> 'contained_at' AS TIMESTAMPTZ) AS contained_at,
        CAST(r.record ->> 'closed_at' AS TIMESTAMPTZ) AS closed_at
    FROM evidence_records AS r
    WHERE r.kind = 'incident'
    -- an incident recorded again replaces what was said of it before
    QUALIFY row_number() OVER (
        PARTITION BY r.tenant_id, incident_id ORDER BY r.recorded_at DESC, r.evidence_id
    ) = 1
),
judged AS (
    SELECT
        *,
        CASE
            WHEN closed_at IS NOT NULL AND review_ref IS NULL THEN 'was closed without a review'
            WHEN closed_at IS NOT NULL THEN NULL
            WHEN coalesce(contained_at, detected_at)
                >= $now - to_days(CAST($incident_open_days AS INTEGER)) THEN NULL
            WHEN contained_at IS NULL THEN 'was never contained'
            ELSE 'was contained and never closed'
        END AS problem
    FROM incidents
),
responders AS (
    SELECT tenant_id, min(instance_id) AS instance_id
    FROM control_instances
    WHERE list_has_any(criteria, ['CC7.3', 'CC7.4', 'CC7.5']) OR domain = 'incident'
    GROUP BY tenant_id
)
SELECT
    'open' AS verdict,
    j.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    coalesce(j.instance_id, c.instance_id) AS instance_id,
    j.incident_id AS subject,
    'incident ' || j.incident_id || ' ' || j.problem AS title,
    j.incident_id,
    j.detected_at,
    j.contained_at,
    j.closed_at,
    j.review_ref,
    j.evidence_id,
    'the incident recorded again, closed and with the reference of its review' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM judged AS j
LEFT JOIN responders AS c ON c.tenant_id = j.tenant_id
WHERE j.problem IS NOT NULL
UNION ALL BY NAME
SELECT
    'unknown' AS verdict,
    c.tenant_id,
    'no incident of ' || c.tenant_id || ' was ever imported' AS title,
    ['incidents: not imported'] AS unread
FROM responders AS c
WHERE c.tenant_id NOT IN (SELECT i.tenant_id FROM incidents AS i)
ORDER BY tenant_id, subject
