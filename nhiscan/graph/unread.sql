-- What keeps "reaches nobody else" from being said: doors and powers that were not read or judged.
-- Needs edges.sql and known_tenant.

-- Accounts of which it is not known who may act as their identities.
CREATE OR REPLACE TEMP TABLE dark_account AS
SELECT b.account_id, split_part(b.account_id, ':', 1) AS provider, b.tenant_id,
    min(b.account_id || ' ' || b.unread[1]) AS why
FROM blind_spots AS b
WHERE b.topic = 'trusts' AND b.tenant_id IN (SELECT t.tenant_id FROM known_tenant AS t)
GROUP BY b.account_id, b.tenant_id;

-- Who may hold a power to act as others that was not read, or could not be judged.
CREATE OR REPLACE TEMP TABLE maybe_member AS
SELECT n.identity_id, n.account_id, n.provider
FROM graph_node AS n
WHERE list_contains($both_sides::VARCHAR[], n.provider) AND n.kind IN ('role', 'user') AND (
    n.identity_id IN (SELECT b.identity_id FROM graph_blind AS b)
    OR n.identity_id IN (
        SELECT g.identity_id FROM assume_grant AS g WHERE g.verdict = 'unknown'
    )
);

CREATE OR REPLACE TEMP TABLE maybe_door AS
SELECT DISTINCT d.account_id, d.target
FROM graph_door AS d
WHERE d.account_id IN (SELECT m.account_id FROM maybe_member AS m);

-- Who could use a door of a dark account, if there is one: where both sides are asked, those who
-- may act as something there (`account_id` null: in any account), or may hold such a power.
CREATE OR REPLACE TEMP TABLE dark_entrant AS
SELECT DISTINCT g.identity_id, n.provider, n.provider || ':' || g.scope_account AS account_id
FROM assume_grant AS g
JOIN graph_node AS n ON n.identity_id = g.identity_id
WHERE g.verdict <> 'denied' AND list_contains($both_sides::VARCHAR[], n.provider) AND (
    g.scope_account IS NOT NULL
    OR NOT contains(g.acts_as, n.account_id[len(n.provider) + 2:])
) AND n.provider IN (SELECT d.provider FROM dark_account AS d)
UNION ALL
SELECT m.identity_id, m.provider, NULL FROM maybe_member AS m
WHERE m.provider IN (SELECT d.provider FROM dark_account AS d)
UNION ALL
-- Elsewhere the door alone lets in, and an unread one may name anybody of the platform.
SELECT n.identity_id, n.provider, NULL
FROM graph_node AS n
WHERE NOT list_contains($both_sides::VARCHAR[], n.provider)
    AND n.kind NOT IN ('secret', 'delegation', 'api_key', 'token')
    AND n.provider IN (SELECT d.provider FROM dark_account AS d)
UNION ALL
-- Inside a dark account any identity may be trusted by any other.
SELECT n.identity_id, n.provider, n.account_id
FROM graph_node AS n
WHERE n.account_id IN (SELECT d.account_id FROM dark_account AS d);
