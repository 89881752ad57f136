-- End the versions that changed, and those that a complete read no longer shows.
UPDATE {table} t SET valid_to = $at
WHERE t.unit = $unit AND t.valid_to IS NULL
    AND NOT EXISTS (FROM staged_{name} s WHERE s.{key} = t.{key} AND s.digest = t.digest)
    AND (
        (t.source, t.region) IN (SELECT (source, region) FROM closable)
        OR t.{key} IN (SELECT {key} FROM staged_{name})
    )
