-- title: Populations that were issued with gaps
-- why: A sample from half a population proves nothing about the other half.
-- rule: EVD-06
-- severity: medium
-- frameworks: soc2: CC2.1; csf: PR.PS-04; nist_800_53: AU-11, CA-7; iso_27001: 5.33, 8.15; cis: 8.10
-- unknown: Only populations that scans made are judged: what a file from elsewhere leaves out, nobody
--   can tell from here.
-- remediation: Grant what was refused (`nhiscan status`), scan again, and use the new population.
WITH newest AS (
    SELECT *
    FROM evidence
    WHERE kind = 'population' AND query IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY tenant_id ORDER BY seq DESC) = 1
)
SELECT
    'open' AS verdict,
    tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    instance_id,
    'population' AS subject,
    'the newest population of ' || tenant_id || ' has gaps' AS title,
    len(incomplete) AS gaps,
    incomplete[:20] AS not_read_whole,
    'a population from a scan that read everything' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM newest
WHERE len(incomplete) > 0
ORDER BY tenant_id
