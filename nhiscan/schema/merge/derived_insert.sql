INSERT INTO {table} BY NAME
SELECT s.*, $at AS valid_from
FROM staged_derived s
WHERE NOT EXISTS (FROM {table} t WHERE {same} AND t.valid_to IS NULL)
