-- Every proof of one identity, the newest first.
SELECT stage, happened_at, proof, detail, is_sound FROM lifecycle_stages
WHERE identity_id = $identity ORDER BY happened_at DESC, proof, detail
