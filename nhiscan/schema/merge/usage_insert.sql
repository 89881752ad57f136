INSERT INTO usage_last BY NAME
SELECT {unit}, s.*
FROM staged_usage s
WHERE NOT EXISTS (FROM usage_last t WHERE t.subject_id = s.subject_id)
