-- title: Identities reviewed by whoever operates them
-- why: Who made an identity, or acts as it, is the last one to say that it is not needed.
-- rule: PRV-04
-- severity: medium
-- frameworks: soc2: CC6.3, CC5.1; csf: PR.AA-05; nist_800_53: AC-5; iso_27001: 5.3; cis: 6.8
-- unknown: Who operates it rests on claims of creators and users; where no log told them, nothing
--   is said.
-- remediation: Have another person decide again: the owner who does not operate it, or the backup.
WITH latest AS (
    SELECT *
    FROM access_reviews
    WHERE identity_id IS NOT NULL AND decision IN ('keep', 'accept') AND reviewer_id IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY identity_id ORDER BY coalesce(decided_at, recorded_at) DESC, line DESC
    ) = 1
),
operators AS (
    SELECT
        identity_id,
        party_id,
        list(DISTINCT signal || ': ' || evidence ORDER BY signal || ': ' || evidence) AS acts
    FROM ownership_claims
    WHERE role = 'operator' AND party_id IS NOT NULL
    GROUP BY identity_id, party_id
)
SELECT
    'open' AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' was reviewed by ' || l.reviewer_id || ', who operates it' AS title,
    i.name,
    i.native_id,
    l.campaign_id,
    l.reviewer_id,
    l.decision,
    l.decided_at,
    o.acts,
    'a decision by somebody who does not operate it' AS would_change,
    i.rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM latest AS l
JOIN operators AS o ON o.identity_id = l.identity_id AND o.party_id = l.reviewer_id
JOIN governed AS i ON i.identity_id = l.identity_id
ORDER BY i.tenant_id, i.account_id, i.name, i.identity_id
