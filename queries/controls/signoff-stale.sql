-- title: Signatures of clients that no longer hold
-- why: A client signed one text and another is in force; or the signature has run out, or its
--   signer is gone. In a dispute it proves nothing.
-- rule: CTL-04
-- severity: high
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: The roster does not say whether the signer is still here. What is not shared needs no
--   signature, but one that is there must be under the text as it is.
-- remediation: Show the change to whoever must sign again, have it signed, and enter the new date
--   and covers_sha256 under `signoff`; `nhiscan matrix lint` tells the hash.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
signed AS (
    SELECT
        i.*,
        s.* EXCLUDE (instance_id, tenant_id, text_sha256, line),
        s.line AS signed_line,
        p.name AS signer,
        p.org AS signer_org,
        p.employment AS signer_employment,
        p.org LIKE 'client:%' AND coalesce(ours.client_group, i.tenant_id)
            = coalesce(theirs.client_group, substr(p.org, 8)) AS of_client,
        i.responsibility LIKE 'shared%' AS needed,
        coalesce(s.expires_at, CAST(s.signed_at + to_months($signoff_months) AS DATE)) AS ends_at,
        (SELECT today.day FROM today) AS day
    FROM control_instances AS i
    JOIN signoffs AS s ON s.instance_id = i.instance_id
    LEFT JOIN parties AS p ON p.party_id = s.signer_id
    LEFT JOIN tenants AS ours ON ours.tenant_id = i.tenant_id
    LEFT JOIN tenants AS theirs ON theirs.tenant_id = substr(p.org, 8)
),
reasoned AS (
    SELECT
        *,
        concat_ws(
            '; ',
            if(
                covers_sha256 IS NULL, 'it does not say which text it covers', NULL
            ),
            if(covers_sha256 <> text_sha256, 'the text has changed since', NULL),
            if(
                needed AND ends_at <= day,
                'it ended on ' || CAST(ends_at AS VARCHAR),
                NULL
            ),
            if(
                needed AND signed_at > day,
                'it is dated ' || CAST(signed_at AS VARCHAR) || ', which is still to come',
                NULL
            ),
            if(needed AND signer IS NULL, signer_ref || ' names nobody in the roster', NULL),
            if(needed AND signer_employment = 'left', signer || ' has left', NULL),
            if(
                needed AND signer IS NOT NULL AND NOT of_client,
                signer || ' is of ' || signer_org || ' and not of the client',
                NULL
            )
        ) AS reasons,
        needed AND signer_employment = 'unknown' AS unsure
    FROM signed
    WHERE period_end > day
)
SELECT
    if(r.reasons <> '', 'open', 'unknown') AS verdict,
    r.tenant_id,
    NULL::VARCHAR AS account_id,
    r.instance_id,
    r.instance_id AS subject,
    if(
        r.reasons <> '',
        'The sign-off of ' || r.instance_id || ' no longer holds: ' || r.reasons,
        'The sign-off of ' || r.instance_id || ' may no longer hold: the roster does not say if '
        || r.signer || ' is here'
    ) AS title,
    r.criteria,
    r.responsibility,
    r.signer_ref AS signed_by,
    r.signer_employment,
    r.signed_at,
    r.ends_at,
    r.covers_sha256,
    r.text_sha256,
    CASE
        WHEN a.employment <> 'left' THEN a.name
        WHEN r.of_client AND r.signer_employment <> 'left' THEN r.signer
        ELSE 'a person of the client'
    END AS must_sign,
    r.reasons,
    r.artefact,
    r.file,
    coalesce(r.signed_line, r.line) AS line,
    'a new sign-off by ' || must_sign || ' over the text as it is' AS would_change,
    []::VARCHAR[] AS rests_on,
    if(r.reasons <> '', [], ['roster: employment of ' || r.signer || ' is unknown'])::VARCHAR[]
        AS unread
FROM reasoned AS r
LEFT JOIN parties AS a ON a.party_id = r.approver_id
WHERE r.reasons <> '' OR r.unsure
ORDER BY r.tenant_id, r.instance_id
