-- Columns whose change alone is no history.
UPDATE {table} t SET {changes}
FROM staged_derived s
WHERE {same} AND t.valid_to IS NULL AND ({differ})
