-- title: Identities whose owner has not said so for too long
-- why: People move on; what was theirs half a year ago may be nobody's today, and an auditor asks
--   when it was last reviewed.
-- rule: OWN-07
-- severity: low
-- frameworks: soc2: CC6.2, CC6.3; csf: PR.AA-05; owasp_nhi: NHI5:2025~; nist_800_53: AC-2, AC-6(7);
--   iso_27001: 5.18; cis: 5.5
-- unknown: The read that lists it was not whole. What was never attested counts from the first scan
--   that showed it, and only where somebody is declared its owner.
-- remediation: Ask the owner whether it is still theirs and still needed, and record the answer:
--   `nhiscan attest IDENTITY --owner PERSON`.
WITH said AS (
    -- what is said of an application's registration is said of its principal
    SELECT
        coalesce(i.part_of, i.identity_id) AS identity_id,
        max(a.attested_at) AS attested_at,
        max_by(a.expires_at, (a.attested_at, a.attestation_id)) AS expires_at,
        max_by(a.party_id, (a.attested_at, a.attestation_id)) AS party_id
    FROM attestations AS a
    JOIN identities AS i ON i.identity_id = a.identity_id
    WHERE a.is_owner AND coalesce(i.created_at <= a.attested_at, true)
    GROUP BY coalesce(i.part_of, i.identity_id)
),
due AS (
    SELECT
        i.*,
        s.attested_at,
        s.party_id AS attested_for,
        least(
            s.expires_at,
            coalesce(s.attested_at, i.first_seen) + to_days(
                if(i.privilege = 'admin', $attestation_privileged_days, $attestation_days)
            )
        ) AS overdue_since
    FROM governed AS i
    LEFT JOIN said AS s ON s.identity_id = i.identity_id
    WHERE i.owner_status <> 'orphaned'
        AND (s.identity_id IS NOT NULL OR i.owner_status = 'declared')
)
SELECT
    if(len(unread) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    name || if(
        attested_at IS NULL, ' was never attested by its owner', ' is overdue for its owner''s word'
    ) AS title,
    name,
    native_id,
    kind,
    privilege,
    owner_status,
    attested_for,
    attested_at,
    overdue_since,
    'an attestation by the owner' AS would_change,
    rests_on,
    unread
FROM due
WHERE overdue_since <= $now
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'identities'
ORDER BY tenant_id, account_id, name, identity_id
