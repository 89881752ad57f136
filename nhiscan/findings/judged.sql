-- Where this scan looked, and only there it judges: the accounts that it read and, with account_id
-- null, the tenants whose plans it read, for plans list accounts as such.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT DISTINCT tenant_id, if(part = 'plan', NULL, account_id) AS account_id
FROM unit_read
WHERE merged_at = $at
