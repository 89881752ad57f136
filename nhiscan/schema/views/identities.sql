-- comment: Every identity that the last complete read of its account showed, and what was concluded.
-- column identity_id: Stable id over scans, renames and machines.
-- column tenant_id: The client it was found in.
-- column provider: aws, azure, gcp, github.
-- column account_id: The account it was found in.
-- column kind: user, role, app, service_principal, managed_identity, service_account, workload, installation, bot, ai_agent, api_key, token, secret, root or delegation (a right given to another organization).
-- column native_type: The platform's type, such as aws.iam.role.
-- column native_id: The platform's canonical id: ARN, object id, resource name.
-- column immutable_id: The platform's id that survives renames and tells a re-created namesake apart; null if it has none.
-- column name: The platform's name; written by the client, so hostile text.
-- column home_tenant_id: The tenant it belongs to, where that is not the one it was found in.
-- column class: machine, human, mixed, ambiguous, platform (run by the cloud provider) or ai_agent.
-- column enabled: Whether it can act at all; null if the platform does not say.
-- column created_at: Creation, as the platform says.
-- column created_by: Who created it, from an audit log; null if not seen there.
-- column last_used_at: Last use over the identity and all its credentials; null if none is known.
-- column usage: known, never (proven for its whole life), unknown (not readable, or outside the window) or unsupported.
-- column privilege: admin, write, read, none or unknown, by static reading of its policies.
-- column owner_id: The accountable party; null if unowned, orphaned or in conflict.
-- column owner_status: attested, declared, inferred, suggested, conflict, team_only, orphaned, unowned or platform.
-- column owner_confidence: Score of the owner between 0 and 1.
-- column backup_id: Who stands in for the owner.
-- column reach_tenants: How many other tenants it, or a part of it, can reach, as far as is known; null if none is known, and what was not read could let it into one.
-- column tags: Tags as a JSON object; hostile text.
-- column first_seen: First scan that showed it.
-- column last_seen: Last complete read that showed it; reads that could not see everything do not count.
-- column class_rule: Code of the rule that decided the class.
-- column class_evidence: The facts that rule used.
-- column last_known_owner_id: The last accountable party, who has left.
-- column attributes: Further facts of the platform as a JSON object.
-- column source: The source it was read from.
-- column region: The region it was read in, or global.
-- column unread: Sources of its account that were not read whole at the last scan, as source (region): state, reason; empty if all were; null for versions that no longer hold.
-- column usage_note: What the identity's own last use rests on, such as the window of its source.
-- column usage_window_days: Days that the source of its own last use looks back; null if all its life.
-- column owner_unread: Sources that could have named an owner and were not read whole; empty if all were.
-- column reach_unread: What was not read and could let it into more tenants than reach_tenants counts; empty if nothing.
-- column home_account_id: The account it belongs to, as provider:native id, known or not: a vendor's application has its home elsewhere. Null if the platform does not say.
-- column part_of: The identity that this is another object of, such as an application's principal; that one answers for both. Null if it stands alone.
SELECT i.identity_id, i.tenant_id, i.provider, i.account_id, i.kind, i.native_type, i.native_id,
    i.immutable_id, i.name, r.home_tenant_id, i.class, i.enabled, i.created_at, r.created_by,
    greatest(@used(u.last_used_at, i), @used(k.last_used_at, i)) AS last_used_at,
    CASE
        WHEN greatest(@used(u.last_used_at, i), @used(k.last_used_at, i)) IS NOT NULL THEN 'known'
        WHEN u.last_used_at IS NOT NULL THEN 'unknown'
        WHEN u.usage IS NULL AND k.usages IS NULL THEN 'unknown'
        WHEN u.usage = 'unknown' OR list_contains(k.usages, 'unknown') THEN 'unknown'
        WHEN u.usage = 'unsupported' OR list_contains(k.usages, 'unsupported') THEN 'unsupported'
        ELSE 'never'
    END AS usage,
    i.privilege, r.owner_id, r.owner_status, r.owner_confidence, r.backup_id, r.reach_tenants,
    i.tags, i.first_seen, greatest(s.recorded_at, i.valid_from) AS last_seen, i.class_rule,
    i.class_evidence, r.last_known_owner_id, i.attributes, i.source, i.region,
    CASE WHEN @live(i) THEN coalesce(n.unread, []) END AS unread, u.note AS usage_note, u.window_days AS usage_window_days,
    coalesce(r.owner_unread, []) AS owner_unread, coalesce(r.reach_unread, []) AS reach_unread,
    i.provider || ':' || i.home_account AS home_account_id,
    i.part_of @span(i, r)
FROM identity_version i
LEFT JOIN resolution_version r ON r.identity_id = i.identity_id AND @join(i, r)
LEFT JOIN usage_last u ON u.subject_id = i.identity_id
LEFT JOIN (
    SELECT c.identity_id, max(@used(l.last_used_at)) AS last_used_at,
        list(DISTINCT CASE WHEN l.last_used_at IS NULL THEN coalesce(l.usage, 'unknown') ELSE 'known' END)
            AS usages
    FROM (SELECT DISTINCT c.identity_id, c.credential_id FROM credential_version c WHERE @at(c)) c
    JOIN usage_last l ON l.subject_id = c.credential_id
    WHERE c.identity_id IS NOT NULL
    GROUP BY c.identity_id
) k ON k.identity_id = i.identity_id
@asof() LEFT JOIN (
    SELECT c.unit, c.source, c.region, max(c.recorded_at) AS recorded_at
    FROM coverage_read c
    WHERE c.state = 'complete' AND @before(c.recorded_at)
    GROUP BY c.unit, c.source, c.region, @past(c.recorded_at)
) s ON s.unit = i.unit AND s.source = i.source AND s.region = i.region
    AND s.recorded_at < coalesce(i.valid_to, TIMESTAMPTZ 'infinity')
LEFT JOIN account_unread n ON n.tenant_id = i.tenant_id AND n.account_id = i.account_id
WHERE @at(i)
