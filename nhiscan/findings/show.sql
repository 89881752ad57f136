-- Collects the rows of one rule that speak of a subject; columns beside the contract are facts.
-- Rows without subject say that a read was not whole; each finding knows what it rests on.
INSERT INTO shown
WITH told AS MATERIALIZED (
    SELECT to_json(r) AS j, r.* FROM (SELECT * FROM rule_rows WHERE subject IS NOT NULL) AS r
)
SELECT
    $rule AS rule,
    -- a row may weigh less than its rule
    least($base, coalesce(CAST(r.j ->> 'base' AS INTEGER), $base)) AS base,
    r.tenant_id,
    r.j ->> 'account_id' AS account_id,
    r.j ->> 'identity_id' AS identity_id,
    r.j ->> 'credential_id' AS credential_id,
    r.j ->> 'instance_id' AS instance_id,
    r.j ->> 'remediation_owner_id' AS remediation_owner_id,
    r.subject,
    r.title,
    r.verdict,
    $remediation AS remediation,
    CAST($frameworks AS JSON) AS frameworks,
    json_merge_patch(
        r.j,
        '{"verdict": null, "tenant_id": null, "account_id": null, "identity_id": null,
          "credential_id": null, "instance_id": null, "subject": null, "title": null, "would_change": null,
          "base": null, "rests_on": null, "unread": null}'
    ).json_merge_patch(
        -- What changes with every use or day is no evidence, except of rules about use; the views
        -- of identities and credentials show it as it is now.
        if(
            $rule LIKE 'LIF-%',
            '{}',
            '{"last_used_at": null, "age_days": null, "door_used_at": null, "usage": null}'
        )
    ) AS facts,
    r.would_change,
    r.rests_on,
    r.unread
FROM told AS r
WHERE (
    -- about no account: the matrix and the ledger are read whole every time
    r.j ->> 'account_id' IS NULL
    OR EXISTS (
        FROM judged AS d
        WHERE d.tenant_id = r.tenant_id
            AND d.account_id IS NOT DISTINCT FROM nullif(r.j ->> 'account_id', r.subject)
    )
)
