-- title: What clients have signed, and whether it still holds
-- why: One edited word makes a signature worthless; here is which, and who has to sign again.
-- param: tenant text null only this client
-- param: criterion text null only this criterion, such as CC6.2
-- unknown: verdict is unknown where the roster does not tell whether the signer is still here. What
--   is neither shared nor signed needs no signature and is left out. text_sha256 is made anew from
--   the files at every scan.
WITH
today AS (
    SELECT CAST($now AT TIME ZONE 'UTC' AS DATE) AS day
),
faults AS (
    SELECT
        instance_id,
        list(rule ORDER BY rule) AS rules,
        bool_and(status = 'unknown') AS unsure,
        string_agg(title, '; ' ORDER BY rule) AS fault,
        any_value(evidence ->> '$.facts.must_sign') AS must_sign
    FROM findings
    WHERE rule IN ('CTL-03', 'CTL-04') AND status <> 'resolved'
    GROUP BY instance_id
)
SELECT
    CASE
        WHEN i.period_end <= t.day THEN 'over'
        WHEN f.unsure THEN 'unknown'
        WHEN f.rules IS NOT NULL THEN 'fail'
        ELSE 'pass'
    END AS verdict,
    i.tenant_id,
    i.instance_id,
    i.criteria,
    i.responsibility,
    CASE
        WHEN i.period_end <= t.day THEN 'over'
        WHEN s.instance_id IS NULL THEN 'missing'
        WHEN f.unsure THEN 'unknown'
        WHEN f.rules IS NOT NULL THEN 'stale'
        ELSE 'valid'
    END AS state,
    coalesce(p.name, s.signer_ref) AS signed_by,
    p.org AS signer_org,
    p.employment AS signer_employment,
    s.signed_at,
    coalesce(s.expires_at, CAST(s.signed_at + to_months($signoff_months) AS DATE)) AS ends_at,
    s.covers_sha256,
    i.text_sha256,
    s.covers_sha256 = i.text_sha256 AS covers_the_text,
    f.must_sign,
    f.fault,
    s.artefact,
    i.statement,
    i.file || ':' || coalesce(s.line, i.line) AS source
FROM control_instances AS i
CROSS JOIN today AS t
LEFT JOIN signoffs AS s ON s.instance_id = i.instance_id
LEFT JOIN parties AS p ON p.party_id = s.signer_id
LEFT JOIN faults AS f ON f.instance_id = i.instance_id
WHERE (s.instance_id IS NOT NULL OR i.responsibility LIKE 'shared%')
    AND ($tenant IS NULL OR i.tenant_id = $tenant)
    AND ($criterion IS NULL OR list_contains(i.criteria, $criterion))
ORDER BY i.tenant_id, i.instance_id
