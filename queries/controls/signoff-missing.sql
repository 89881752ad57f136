-- title: Shared controls that the client has not signed
-- why: A split of duties that only one side has written down is no agreement; each will say that
--   the other had to do it.
-- rule: CTL-03
-- severity: high
-- frameworks: soc2: CC2.3, CC9.2; csf: GV.SC-02, GV.SC-05; nist_800_53: SA-9; iso_27001: 5.20;
--   cis: 15.4
-- unknown: Nothing here rests on a reading of a cloud. Instances whose period is over are not
--   judged.
-- remediation: Have the client's approver sign the text as it is, and enter by, at and
--   covers_sha256 under `signoff`; `nhiscan matrix lint` tells the hash.
SELECT
    'open' AS verdict,
    i.tenant_id,
    NULL::VARCHAR AS account_id,
    i.instance_id,
    i.instance_id AS subject,
    i.instance_id || ' is shared and not signed by the client' AS title,
    i.criteria,
    i.responsibility,
    i.statement,
    i.text_sha256,
    coalesce(p.name, i.approver_ref) AS must_sign,
    i.file,
    coalesce(CAST(i.lines ->> 'responsibility' AS BIGINT), i.line) AS line,
    'a sign-off by a person of the client over this text' AS would_change,
    []::VARCHAR[] AS rests_on,
    []::VARCHAR[] AS unread
FROM control_instances AS i
LEFT JOIN signoffs AS s ON s.instance_id = i.instance_id
LEFT JOIN parties AS p ON p.party_id = i.approver_id
WHERE i.responsibility LIKE 'shared%'
    AND s.instance_id IS NULL
    AND i.period_end > CAST($now AT TIME ZONE 'UTC' AS DATE)
ORDER BY i.tenant_id, i.instance_id
