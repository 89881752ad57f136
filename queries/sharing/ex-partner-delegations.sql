-- title: Rights that a former or unknown partner still holds
-- why: The contract ended and the access did not; whoever works there now can still come in.
-- rule: SHR-10
-- severity: high
-- frameworks: soc2: CC6.2, CC9.2; csf: GV.SC-10, ID.AM-04; owasp_nhi: NHI1:2025, NHI3:2025;
--   nist_800_53: SA-9, PS-7; iso_27001: 5.19, 5.20; cis: 15.7
-- unknown: The read that shows the delegation or trust was not whole.
-- remediation: Take the delegation away; if the partner is a present one, enter it in vendors.yaml
--   with its agreement, or correct the roster.
WITH gone AS (
    SELECT party_id, name, since
    FROM parties
    WHERE employment = 'left' AND kind IN ('vendor', 'team', 'mailbox')
),
outsiders AS (
    SELECT w.*, g.party_id, g.since
    FROM ways_in AS w
    LEFT JOIN gone AS g ON w.vendor IN (g.name, g.party_id)
    WHERE g.party_id IS NOT NULL
        OR (
            w.relation = 'unknown'
            AND (w.principal_kind = 'organization' OR w.identity_kind = 'delegation')
        )
)
SELECT
    if(len(flatten(list(unread))) = 0, 'open', 'unknown') AS verdict,
    tenant_id,
    account_id,
    identity_id,
    identity_id AS subject,
    any_value(name) || if(
        bool_or(party_id IS NOT NULL),
        ' lets in a partner that has left',
        ' lets in an organization that nobody knows'
    ) AS title,
    any_value(name) AS name,
    any_value(native_id) AS native_id,
    any_value(identity_kind) AS kind,
    list(DISTINCT principal ORDER BY principal) AS principals,
    list(DISTINCT vendor ORDER BY vendor) FILTER (vendor IS NOT NULL) AS partners,
    max(since) AS left_since,
    list(DISTINCT reason ORDER BY reason) AS reasons,
    'the end of the delegation, or an entry in vendors.yaml of a partner that is here' AS would_change,
    list_distinct(flatten(list(rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(unread))).list_sort() AS unread
FROM outsiders
GROUP BY tenant_id, account_id, identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
