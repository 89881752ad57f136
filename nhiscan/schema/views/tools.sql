-- comment: Identities that are one and the same principal in several clients, such as one application's service principals.
-- history: no
-- column identity_id: One of them.
-- column tool: What they have in common: key of the shared principal.
SELECT s.identity_id, min(s.key) AS tool
FROM (SELECT unnest(p.identity_ids) AS identity_id, p.key FROM shared p WHERE p.level = 'principal') s
GROUP BY s.identity_id
