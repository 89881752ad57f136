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
),
rights AS (
    SELECT
        identity_id,
        list(DISTINCT role ORDER BY role) AS roles,
        list(DISTINCT scope ORDER BY scope) AS scopes
    FROM grants
    WHERE verdict <> 'denied' AND coalesce(way, 'assume') = 'assume'
    GROUP BY identity_id
)
SELECT
    if(len(flatten(list(o.unread))) = 0, 'open', 'unknown') AS verdict,
    o.tenant_id,
    o.account_id,
    o.identity_id,
    o.identity_id AS subject,
    any_value(o.name) || if(
        bool_or(o.party_id IS NOT NULL),
        ' lets in a partner that has left',
        ' lets in an organization that nobody knows'
    ) AS title,
    any_value(o.name) AS name,
    any_value(o.native_id) AS native_id,
    any_value(o.identity_kind) AS kind,
    any_value(i.privilege) AS privilege,
    any_value(r.roles) AS roles,
    any_value(r.scopes) AS scopes,
    list(DISTINCT o.principal ORDER BY o.principal) AS principals,
    list(DISTINCT o.vendor ORDER BY o.vendor) FILTER (o.vendor IS NOT NULL) AS partners,
    max(o.since) AS left_since,
    list(DISTINCT o.reason ORDER BY o.reason) AS reasons,
    'the end of the delegation, or an entry in vendors.yaml of a partner that is here'
        AS would_change,
    list_distinct(flatten(list(o.rests_on))).list_sort() AS rests_on,
    list_distinct(flatten(list(o.unread))).list_sort() AS unread
FROM outsiders AS o
LEFT JOIN identities AS i ON i.identity_id = o.identity_id
LEFT JOIN rights AS r ON r.identity_id = o.identity_id
GROUP BY o.tenant_id, o.account_id, o.identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'trusts'
ORDER BY tenant_id, account_id, name, identity_id
