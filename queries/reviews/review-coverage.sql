-- title: Which identities were reviewed, by whom, and which are overdue
-- why: R14: the population on the day of the review, what was decided, and what nobody looked at.
-- param: tenant text null only this client
-- unknown: An identity that was never reviewed counts from the first scan that showed it.
WITH latest AS (
    SELECT *
    FROM access_reviews
    WHERE identity_id IS NOT NULL AND decision IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY identity_id ORDER BY coalesce(decided_at, recorded_at) DESC, line DESC
    ) = 1
),
told AS (
    SELECT
        i.tenant_id,
        i.account_id,
        i.identity_id,
        i.name,
        i.privilege,
        i.owner_id,
        l.campaign_id,
        l.reviewer_ref AS reviewer,
        l.decision,
        l.decided_at,
        if(i.privilege = 'admin', $attestation_privileged_days, $attestation_days) AS every_days,
        coalesce(l.decided_at, l.recorded_at, i.first_seen) + to_days(CAST(every_days AS INTEGER))
            AS due_at
    FROM governed AS i
    LEFT JOIN latest AS l ON l.identity_id = i.identity_id
)
SELECT
    CASE
        WHEN decision IS NULL THEN if(due_at <= $now, 'never, overdue', 'never, not due')
        ELSE if(due_at <= $now, 'overdue', 'reviewed')
    END AS state,
    *
FROM told
WHERE $tenant IS NULL OR tenant_id = $tenant
ORDER BY due_at, tenant_id, account_id, name, identity_id
