-- title: Credentials and identities that were to be revoked and still work, or worked too long
-- why: R15: the owner left on Monday and the key works on Friday; the ticket says closed, the cloud
--   says otherwise.
-- rule: LIF-07
-- severity: medium
-- frameworks: soc2: CC6.2; csf: PR.AA-01; owasp_nhi: NHI1:2025; nist_800_53: AC-2, PS-4; iso_27001:
--   5.18; cis: 6.2
-- unknown: No complete read was made since it was due, or nothing is or was called what a record
--   names. Reasons are leavers in the roster with a date, and records of kind `revocation`; of a
--   leaver who has no date nothing is said here.
-- remediation: Disable it now and delete it after a quiet period; renew the keys of what others still
--   need. The next scan is the proof; record the ticket (`nhiscan evidence add FILE --kind revocation`).
WITH due AS (
    SELECT
        r.*,
        if(r.privilege = 'admin', $revocation_privileged_days, $revocation_days) AS working_days,
        -- working days are Monday to Friday: holidays differ from one client to the next
        if(
            working_days = 0,
            r.triggered_at,
            list_filter(
                generate_series(
                    r.triggered_at + INTERVAL 1 DAY,
                    r.triggered_at + to_days(CAST(2 * working_days + 7 AS INTEGER)),
                    INTERVAL 1 DAY
                ),
                lambda d: isodow(d AT TIME ZONE 'UTC') < 6
            )[working_days]
        ) AS due_at
    FROM revocations AS r
),
judged AS (
    SELECT
        *,
        CASE
            WHEN ended_at IS NULL AND due_at > $now THEN NULL
            WHEN ended_at IS NULL AND checked_at >= due_at THEN 'still works'
            WHEN ended_at IS NULL THEN 'may still work'
            WHEN ended_at < $now - to_days(CAST($lifecycle_days AS INTEGER)) THEN NULL
            WHEN last_live_at >= due_at OR told_at > due_at THEN 'was revoked late'
        END AS problem
    FROM due
    QUALIFY row_number() OVER (
        PARTITION BY subject_id ORDER BY problem IS NULL, due_at, cause, party_id, evidence_id
    ) = 1
),
told AS (
    SELECT
        j.*,
        CASE
            -- what has ended is known for good
            WHEN j.ended_at IS NOT NULL THEN CAST([] AS VARCHAR[])
            WHEN len(r.unread) > 0 THEN r.unread
            WHEN j.problem = 'may still work' THEN [j.spot || ': not read whole since it was due']
            ELSE CAST([] AS VARCHAR[])
        END AS not_known
    FROM judged AS j
    LEFT JOIN read_spots AS r
        ON r.tenant_id = j.tenant_id AND r.account_id = j.account_id AND r.spot = j.spot
    WHERE j.problem IS NOT NULL
)
SELECT
    if(len(not_known) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    if(what = 'identity', NULL, subject_id) AS credential_id,
    subject_id AS subject,
    if(what = 'identity', '', replace(what, '_', ' ') || coalesce(' ' || public_id, '') || ' of ')
        || name || ' ' || problem || ': ' || coalesce(party_id || ' left', cause) AS title,
    name,
    cause,
    party_id,
    triggered_at,
    due_at AS to_be_revoked_by,
    working_days,
    told_at,
    ended_at,
    ended_as,
    evidence_id,
    ticket,
    -- how long it took is a fact of the past; a finding that was mended is told for a while
    if(ended_at IS NULL, 3, 2) AS base,
    if(ended_at IS NULL, 'a complete read that shows it gone or disabled',
        'nothing: it is told until it has been over for the time of lifecycle_days')
        AS would_change,
    [spot] AS rests_on,
    not_known AS unread
FROM told
UNION ALL BY NAME
SELECT DISTINCT
    'unknown' AS verdict,
    r.tenant_id,
    r.instance_id,
    'revocation ' || (r.record ->> 'identity') AS subject,
    'a revocation was recorded of ' || (r.record ->> 'identity')
        || ', and not one identity alone is or was so called' AS title,
    'a record that names it by its id' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    ['the identity that the record names: not known'] AS unread
FROM evidence_records AS r
JOIN tenants AS w ON w.tenant_id = r.tenant_id
WHERE r.kind = 'revocation'
    AND r.identity_id IS NULL
    AND (
        SELECT count(DISTINCT h.identity_id)
        FROM identities_history AS h
        JOIN tenants AS t ON t.tenant_id = h.tenant_id
        WHERE (w.kind = 'msp' OR t.kind <> 'client' OR t.client_group = w.client_group)
            AND (r.record ->> 'identity') IN (h.identity_id, h.native_id, h.immutable_id, h.name)
    ) <> 1
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, name, subject
