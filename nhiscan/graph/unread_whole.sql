-- What may be reached by a part, such as a registration, may be reached by the whole: one secret
-- proves both.
CREATE OR REPLACE TEMP TABLE staged_reach_unread AS
WITH told AS (
    SELECT u.identity_id, u.unread FROM reach_unread AS u
    UNION ALL
    SELECT i.part_of, u.unread
    FROM reach_unread AS u
    JOIN identity_version AS i
        ON i.identity_id = u.identity_id AND i.valid_to IS NULL AND i.part_of IS NOT NULL
)
SELECT t.identity_id, list_distinct(flatten(list(t.unread ORDER BY t.unread))).list_sort() AS unread
FROM told AS t
GROUP BY t.identity_id;
