-- title: The same credential material in several clients
-- why: Whoever steals it from one client holds it for all of them.
-- rule: SHR-05
-- severity: high
-- frameworks: soc2: CC6.1; csf: PR.AA-01; owasp_nhi: NHI9:2025, NHI7:2025; nist_800_53: IA-5;
--   iso_27001: 5.17; cis: 5.2~
-- unknown: A read that shows credentials was not whole in the account of the identity.
-- remediation: Make new material for each client and switch the common one off everywhere.
WITH material AS (
    SELECT
        unnest(s.identity_ids) AS identity_id,
        s.key AS fingerprint,
        len(s.tenant_ids) AS tenants
    FROM shared AS s
    WHERE s.level = 'credential' AND NOT coalesce(s.sanctioned, false)
),
held AS (
    SELECT
        m.identity_id,
        list(DISTINCT m.fingerprint ORDER BY m.fingerprint) AS fingerprints,
        max(m.tenants) AS tenants,
        list(DISTINCT c.kind ORDER BY c.kind) AS kinds,
        list_distinct(flatten(list(c.rests_on))).list_sort() AS rests_on,
        list_distinct(flatten(list(c.unread))).list_sort() AS unread
    FROM material AS m
    JOIN (
        SELECT v.*, k.fingerprint
        FROM installed_credentials AS v
        JOIN credentials AS k ON k.credential_id = v.credential_id
    ) AS c ON c.identity_id = m.identity_id AND c.fingerprint = m.fingerprint
    GROUP BY m.identity_id
)
SELECT
    if(len(h.unread) = 0, 'open', 'unknown') AS verdict,
    i.tenant_id,
    i.account_id,
    i.identity_id,
    i.identity_id AS subject,
    i.name || ' is proven by material that other clients have too' AS title,
    i.name,
    i.native_id,
    i.kind,
    i.privilege,
    h.kinds,
    h.fingerprints,
    h.tenants AS tenants_concerned,
    'other material in each client' AS would_change,
    h.rests_on,
    h.unread
FROM held AS h
JOIN identities AS i ON i.identity_id = h.identity_id
UNION ALL BY NAME
SELECT 'unknown' AS verdict, tenant_id, account_id, title, unread
FROM blind_spots
WHERE topic = 'credentials'
ORDER BY tenant_id, account_id, name, identity_id
