-- title: Ledgers that are not as they were recorded
-- why: Evidence that somebody could change proves nothing, and taints what lies beside it.
-- rule: EVD-02
-- severity: critical
-- frameworks: soc2: CC2.1, CC7.2; csf: RS.AN-06, RS.AN-07; nist_800_53: AU-9, AU-10; iso_27001: 5.28
-- unknown: This is what the newest recorded verification found; a ledger that nobody verified since
--   it was changed is not listed. Run `nhiscan evidence verify --record` every month.
-- remediation: Find out who changed what and when, put the files back from a backup, and record a
--   verification that finds nothing.
SELECT
    'open' AS verdict,
    v.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    'ledger' AS subject,
    'the ledger of ' || v.tenant_id || ' is not as it was recorded' AS title,
    v.broken,
    v.told,
    v.verified_at,
    v.head,
    (
        SELECT list(DISTINCT e.instance_id ORDER BY e.instance_id)
        FROM evidence AS e
        WHERE e.tenant_id = v.tenant_id
            AND e.instance_id IS NOT NULL
            AND list_contains(CAST(v.told -> '$[*].entry_id' AS VARCHAR[]), e.entry_id)
    ) AS instances,
    'a later recorded verification that finds nothing' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM verifications AS v
WHERE v.is_newest AND v.broken > 0
ORDER BY v.tenant_id
