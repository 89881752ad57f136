-- End what is no longer concluded, or concluded otherwise.
UPDATE {table} t SET valid_to = $at
WHERE t.valid_to IS NULL AND NOT EXISTS (FROM staged_derived s WHERE {alike})
