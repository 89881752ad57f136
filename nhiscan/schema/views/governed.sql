-- comment: Identities that somebody must answer for: enabled, neither people nor run by the cloud provider, and no mere part of another such one.
-- history: no
-- column identity_id: The identity.
-- column tenant_id: The client.
-- column provider: Adapter that read it.
-- column account_id: The account.
-- column kind: As in identities.
-- column native_type: As in identities.
-- column native_id: As in identities.
-- column name: As in identities; hostile text.
-- column class: machine, mixed, ambiguous or ai_agent.
-- column class_rule: As in identities.
-- column class_evidence: As in identities.
-- column created_at: As in identities.
-- column created_by: As in identities.
-- column last_used_at: As in identities, over the credentials of its parts too.
-- column usage: As in identities, over the credentials of its parts too.
-- column usage_note: As in identities.
-- column usage_window_days: As in identities.
-- column untraced: How many live credentials of it and its parts are of kinds whose use the platform does not record.
-- column privilege: As in identities.
-- column owner_id: As in identities.
-- column owner_status: As in identities.
-- column owner_confidence: As in identities.
-- column backup_id: As in identities.
-- column last_known_owner_id: As in identities.
-- column reach_tenants: As in identities.
-- column tags: As in identities.
-- column attributes: As in identities.
-- column first_seen: As in identities.
-- column last_seen: As in identities.
-- column rests_on: The reads that show it, as source (region): for an ambiguous one those of its credentials too.
-- column unread: Which of those were not whole at the last scan, and why; empty if all were.
-- column usage_rests_on: The reads that show when it was last used.
-- column usage_unread: Which of those were not whole at the last scan, and why.
-- column owner_unread: Which reads that could name an owner were not whole at the last scan, and why.
WITH usage_reads AS (
    SELECT p.native_type, list(p.source || ' (global)' ORDER BY p.source) AS spots
    FROM premises p
    WHERE p.topic = 'usage'
    GROUP BY p.native_type
),
usage_blind AS (
    SELECT b.tenant_id, b.account_id, unnest(b.native_types) AS native_type, b.source, b.unread
    FROM blind_spots b
    WHERE b.topic = 'usage'
),
usage_unread AS (
    SELECT u.tenant_id, u.account_id, u.native_type,
        flatten(list(u.unread ORDER BY u.source)) AS unread
    FROM usage_blind u
    GROUP BY ALL
),
parts AS (
    -- The whole answers for its parts: a registration beside the principal that acts for it.
    SELECT p.identity_id, p.part_of AS whole_id
    FROM identity_version p
    JOIN identity_version w ON w.identity_id = p.part_of AND @at(w)
    WHERE p.part_of IS NOT NULL AND @at(p)
        AND w.class NOT IN ('human', 'platform') AND coalesce(w.enabled, true)
),
proofs AS (
    SELECT coalesce(p.whole_id, c.identity_id) AS identity_id,
        count(*) FILTER (c.usage = 'unsupported' AND c.status IN ('active', 'unknown')) AS untraced,
        max(c.last_used_at) FILTER (p.whole_id IS NOT NULL) AS part_used_at,
        coalesce(bool_or(c.usage = 'unknown') FILTER (p.whole_id IS NOT NULL), false) AS part_unclear
    FROM credentials c
    LEFT JOIN parts p ON p.identity_id = c.identity_id
    WHERE c.identity_id IS NOT NULL
    GROUP BY ALL
)
SELECT i.identity_id, i.tenant_id, i.provider, i.account_id, i.kind, i.native_type, i.native_id,
    i.name, i.class, i.class_rule, i.class_evidence, i.created_at, i.created_by,
    greatest(i.last_used_at, x.part_used_at) AS last_used_at,
    CASE
        WHEN x.part_used_at IS NOT NULL THEN 'known'
        WHEN x.part_unclear AND i.usage = 'never' THEN 'unknown'
        ELSE i.usage
    END AS usage,
    i.usage_note, i.usage_window_days, coalesce(x.untraced, 0) AS untraced, i.privilege,
    i.owner_id, i.owner_status, i.owner_confidence, i.backup_id, i.last_known_owner_id,
    i.reach_tenants, i.tags, i.attributes, i.first_seen, i.last_seen,
    -- What was not read of an ambiguous one's credentials may make it a person's.
    list_distinct(
        [i.source || ' (' || i.region || ')']
        || if(i.class = 'ambiguous', coalesce(r.spots, []), [])
    ).list_sort() AS rests_on,
    list_distinct(
        coalesce(o.unread, [i.source || ' (' || i.region || '): not asked at the last scan'])
        || if(i.class = 'ambiguous', coalesce(u.unread, []), [])
    ).list_sort() AS unread,
    list_distinct(
        [i.source || ' (' || i.region || ')'] || coalesce(r.spots, [])
    ).list_sort() AS usage_rests_on,
    list_distinct(
        coalesce(o.unread, [i.source || ' (' || i.region || '): not asked at the last scan'])
        || coalesce(u.unread, [])
    ).list_sort() AS usage_unread,
    i.owner_unread
FROM identities i
LEFT JOIN read_spots o
    ON o.tenant_id = i.tenant_id AND o.account_id = i.account_id
    AND o.source = i.source AND o.region = i.region
LEFT JOIN usage_reads r ON r.native_type = i.native_type
LEFT JOIN usage_unread u
    ON u.tenant_id = i.tenant_id AND u.account_id = i.account_id AND u.native_type = i.native_type
LEFT JOIN proofs x ON x.identity_id = i.identity_id
WHERE i.class NOT IN ('human', 'platform') AND coalesce(i.enabled, true)
    AND i.identity_id NOT IN (SELECT p.identity_id FROM parts p)
