-- Which reads could have named an owner and were not whole, identity by identity: the read of its
-- own tags; its account's sources of claims; a log of creators only for what was made within its
-- window and has no creator; a roster, or a newer one, where something is named that none explains.

CREATE OR REPLACE TEMP TABLE account_blind AS
WITH expected AS (
    SELECT a.tenant_id, a.account_id, s.source, s.sliding, s.window_days
    FROM (
        SELECT DISTINCT i.tenant_id, i.account_id, i.provider
        FROM identity_version AS i WHERE i.valid_to IS NULL
    ) AS a
    JOIN claim_source AS s ON s.provider = a.provider
),
spots AS (
    SELECT r.tenant_id, r.account_id, r.source, s.sliding, s.window_days, r.unread, r.read_at
    FROM read_spots AS r
    JOIN expected AS s
        ON s.tenant_id = r.tenant_id AND s.account_id = r.account_id AND s.source = r.source
    UNION ALL
    -- of an adapter that is not installed, any source may be one
    SELECT r.tenant_id, r.account_id, r.source, false, NULL, r.unread, r.read_at
    FROM read_spots AS r
    WHERE split_part(r.account_id, ':', 1) NOT IN (SELECT s.provider FROM claim_source AS s)
    UNION ALL
    SELECT e.tenant_id, e.account_id, e.source, e.sliding, e.window_days,
        [e.source || ': not asked at the last scan'],
        NULL
    FROM expected AS e
    WHERE NOT EXISTS (
        FROM read_spots AS r
        WHERE r.tenant_id = e.tenant_id AND r.account_id = e.account_id AND r.source = e.source
    )
)
SELECT s.tenant_id, s.account_id, s.sliding, flatten(list(s.unread ORDER BY s.source, s.unread))
    AS unread, max(s.read_at) AS read_at, max(s.window_days) AS window_days
FROM spots AS s
WHERE len(s.unread) > 0
GROUP BY s.tenant_id, s.account_id, s.sliding;

CREATE OR REPLACE TEMP TABLE owner_blind AS
WITH claimed AS (
    SELECT j.identity_id, bool_or(j.signal = 'S7') AS has_creator,
        bool_or(j.party_id IS NULL AND NOT contains(j.outcome, 'placeholder')
            AND NOT contains(j.outcome, 'automation')) AS unexplained
    FROM judged_claim AS j
    GROUP BY j.identity_id
)
SELECT i.identity_id, list_distinct(
        coalesce(o.unread, [i.source || ' (' || i.region || '): not asked at the last scan'])
        || coalesce(b.unread, [])
        -- an adapter whose API lists a thing without its tags says so, or they would seem absent
        || if(
            i.attributes ->> 'tags_unread' IS NULL, [], ['tags: ' || (i.attributes ->> 'tags_unread')]
        )
        || if(
            NOT coalesce(c.has_creator, false) AND (
                i.created_at IS NULL OR i.created_at >= coalesce(l.read_at, $at::TIMESTAMPTZ) - to_days(l.window_days)
            ), coalesce(l.unread, []), []
        )
        || if(c.unexplained AND $no_roster, ['roster: none is configured'], [])
        || if(c.unexplained AND $stale::VARCHAR IS NOT NULL, [$stale::VARCHAR], [])
    ).list_sort() AS unread
FROM identity_version AS i
LEFT JOIN read_spots AS o
    ON o.tenant_id = i.tenant_id AND o.account_id = i.account_id
    AND o.source = i.source AND o.region = i.region
LEFT JOIN account_blind AS b
    ON b.tenant_id = i.tenant_id AND b.account_id = i.account_id AND NOT b.sliding
LEFT JOIN account_blind AS l
    ON l.tenant_id = i.tenant_id AND l.account_id = i.account_id AND l.sliding
LEFT JOIN claimed AS c ON c.identity_id = i.identity_id
WHERE i.valid_to IS NULL;
