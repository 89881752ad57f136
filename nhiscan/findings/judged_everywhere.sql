-- Every account that was ever read: new answers of people are judged on what is known of all of them.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT DISTINCT tenant_id, if(part = 'plan', NULL, account_id) AS account_id
FROM unit_read
