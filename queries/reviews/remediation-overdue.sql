-- title: People whose remediation is overdue
-- why: A gap with an owner and a day that has passed is a control that does not work; an auditor asks
--   who was told and what happened.
-- rule: REV-03
-- severity: medium
-- frameworks: soc2: CC4.2; csf: GV.OV-03, ID.RA-06; nist_800_53: CA-5, CA-7, PM-4; iso_27001: 5.27~
-- unknown: Findings whose source was not read this time are not counted: see their own state.
-- remediation: Remediate what is listed, the most severe first, or have the client accept it as an
--   exception with a day; `nhiscan gaps --owner` lists it.
SELECT
    'open' AS verdict,
    f.tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    coalesce(f.owner_id, 'unassigned') AS subject,
    'remediation is overdue: '
        || coalesce(any_value(p.name), f.owner_id, 'findings that nobody owns') AS title,
    f.owner_id AS remediation_owner_id,
    count(*) AS overdue,
    min(f.due_at) AS oldest_due_at,
    list({'finding_id': f.finding_id, 'rule': f.rule, 'severity': f.severity, 'due_at': f.due_at}
        ORDER BY f.due_at, f.finding_id)[:20] AS oldest,
    'every one of them resolved, or accepted by whom it concerns' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM findings AS f
LEFT JOIN parties AS p ON p.party_id = f.owner_id
WHERE f.status = 'open' AND f.due_at <= $now AND f.rule <> 'REV-03'
GROUP BY f.tenant_id, f.owner_id
ORDER BY f.tenant_id, subject
