-- What is uncovered on $today without one party: who else could do it does not work, or is nobody.
-- A person, team or mailbox is $party; $orgs are what matrices call the organization that a vendor
-- or the MSP is, and $vendors what trusts call it.

-- Without an organization its people are away too.
CREATE OR REPLACE TEMP TABLE away AS
SELECT $party::VARCHAR AS party_id
UNION
SELECT p.party_id FROM parties AS p WHERE list_contains($orgs::VARCHAR[], p.org);

-- A stand-in that works: a person, here today (under notice one still is), and not away.
CREATE OR REPLACE TEMP TABLE working AS
SELECT p.party_id FROM parties AS p
WHERE p.kind = 'person' AND p.employment IN ('active', 'notice')
    AND p.party_id NOT IN (SELECT a.party_id FROM away AS a);

CREATE OR REPLACE TEMP TABLE instance_today AS
SELECT c.* FROM control_instances AS c
WHERE coalesce(c.period_start <= $today::DATE, true) AND coalesce(c.period_end > $today::DATE, true);

CREATE OR REPLACE TEMP TABLE absent_row AS
-- Somebody answers for it, and nobody who works stands in.
SELECT c.tenant_id, 'control_instance' AS subject, c.instance_id, NULL::VARCHAR AS identity_id,
    if(c.accountable_id = o.party_id, 'accountable', 'backup') AS role,
    if(c.accountable_id = o.party_id, c.backup_ref, array_to_string(c.accountable_refs, ', '))
        AS other,
    if(c.accountable_id = o.party_id, c.backup_id, c.accountable_id) AS other_id
FROM instance_today AS c
-- once for each, though owner and backup may both be away
JOIN away AS o
    ON o.party_id = if(
        c.accountable_id IN (SELECT a.party_id FROM away AS a), c.accountable_id, c.backup_id
    )
WHERE coalesce(c.accountable_id, '') NOT IN (SELECT w.party_id FROM working AS w)
    AND coalesce(c.backup_id, '') NOT IN (SELECT w.party_id FROM working AS w)
UNION ALL
SELECT c.tenant_id, 'control_instance', c.instance_id, NULL, 'approver', NULL, NULL
FROM instance_today AS c
WHERE c.approver_id IN (SELECT a.party_id FROM away AS a)
UNION ALL
SELECT u.tenant_id, 'control_instance', u.instance_id, NULL, 'custodian', u.oversight_ref,
    u.oversight_id
FROM custody AS u
LEFT JOIN instance_today AS c ON c.instance_id = u.instance_id AND c.tenant_id = u.tenant_id
WHERE u.custodian_id IN (SELECT a.party_id FROM away AS a)
    AND NOT list_contains($orgs::VARCHAR[], u.custodian_org) -- told below
    AND u.period_start <= $today::DATE
    AND coalesce(u.period_end > $today::DATE, true)
    AND coalesce(u.oversight_id, '') NOT IN (SELECT w.party_id FROM working AS w)
    AND coalesce(c.backup_id, '') NOT IN (SELECT w.party_id FROM working AS w)
UNION ALL
SELECT g.tenant_id, 'identity', NULL, g.identity_id,
    if(g.owner_id = o.party_id, 'accountable', 'backup'),
    if(g.owner_id = o.party_id, g.backup_id, g.owner_id),
    if(g.owner_id = o.party_id, g.backup_id, g.owner_id)
FROM governed AS g
JOIN away AS o
    ON o.party_id = if(
        g.owner_id IN (SELECT a.party_id FROM away AS a), g.owner_id, g.backup_id
    )
WHERE coalesce(g.owner_id, '') NOT IN (SELECT w.party_id FROM working AS w)
    AND coalesce(g.backup_id, '') NOT IN (SELECT w.party_id FROM working AS w)
UNION ALL
-- An organization has duties, keeps evidence, and is let in.
SELECT c.tenant_id, 'control_instance', c.instance_id, NULL,
    'duties: ' || array_to_string(list(d.duty ORDER BY d.line, d.duty), ', '), NULL, NULL
FROM instance_today AS c
JOIN duties AS d
    ON d.instance_id = c.instance_id AND d.tenant_id = c.tenant_id
    AND list_has_any(d.orgs, $orgs::VARCHAR[])
GROUP BY c.tenant_id, c.instance_id
UNION ALL
SELECT DISTINCT u.tenant_id, 'control_instance', u.instance_id, NULL, 'custodian', NULL, NULL
FROM custody AS u
WHERE list_contains($orgs::VARCHAR[], u.custodian_org) AND u.period_start <= $today::DATE
    AND coalesce(u.period_end > $today::DATE, true)
UNION ALL
SELECT DISTINCT t.tenant_id, 'identity', NULL, t.identity_id, 'lets it in', t.principal, NULL
FROM trusts AS t
WHERE t.verdict NOT IN ('broken', 'dangling') AND list_contains($vendors::VARCHAR[], t.vendor);
