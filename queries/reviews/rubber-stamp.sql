-- title: Access reviews that were waved through
-- why: A reviewer who keeps a hundred identities in four minutes read none of them; the review proves
--   that a button works.
-- rule: REV-05
-- severity: medium
-- frameworks: soc2: CC6.3, CC5.1; csf: PR.AA-05; nist_800_53: AC-5; iso_27001: 5.3; cis: 6.8
-- param: review_min_seconds number 20 least time that a decision takes, in seconds
-- param: review_min_items integer 3 fewest quick decisions that are told
-- unknown: How long decisions took is told by the campaign's file, or follows from when they were
--   made; where it tells neither, nothing is said.
-- remediation: Review what was kept in a hurry again, in smaller portions and by whoever knows it.
WITH decided AS (
    SELECT
        tenant_id,
        campaign_id,
        coalesce(reviewer_id, reviewer_ref) AS reviewer,
        line,
        decision,
        decided_at,
        coalesce(
            seconds_spent,
            epoch(decided_at - lag(decided_at) OVER (
                PARTITION BY tenant_id, campaign_id, reviewer_ref ORDER BY decided_at, line
            ))
        ) AS seconds
    FROM access_reviews
    WHERE decision IS NOT NULL
    -- the same campaign recorded again replaces what it said before
    QUALIFY recorded_at = max(recorded_at) OVER (PARTITION BY tenant_id, campaign_id)
),
judged AS (
    SELECT
        tenant_id,
        campaign_id,
        reviewer,
        count(*) AS decisions,
        count(*) FILTER (decision IN ('keep', 'accept')) AS kept,
        count(*) FILTER (decision IN ('keep', 'accept') AND seconds < $review_min_seconds) AS quick,
        count(*) FILTER (seconds IS NULL) AS untimed,
        median(seconds) AS median_seconds
    FROM decided
    GROUP BY tenant_id, campaign_id, reviewer
)
SELECT
    'open' AS verdict,
    tenant_id,
    CAST(NULL AS VARCHAR) AS account_id,
    campaign_id || ' ' || reviewer AS subject,
    reviewer || ' waved identities through in access review ' || campaign_id AS title,
    campaign_id,
    reviewer,
    decisions,
    kept,
    quick,
    untimed,
    median_seconds,
    'a review that takes the time it needs' AS would_change,
    CAST([] AS VARCHAR[]) AS rests_on,
    CAST([] AS VARCHAR[]) AS unread
FROM judged
-- half of all decisions and more, so that a few obvious ones accuse nobody
WHERE quick >= $review_min_items AND 2 * quick >= decisions
ORDER BY tenant_id, campaign_id, reviewer
