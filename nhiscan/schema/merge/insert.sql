-- Begin a version of every row that has none now; first_seen outlives versions and absences.
INSERT INTO {table} BY NAME
SELECT {unit}, s.*, coalesce(f.first_seen, $at) AS first_seen, $at AS valid_from
FROM staged_{name} s
LEFT JOIN (
    SELECT {key}, min(first_seen) AS first_seen FROM {table} WHERE unit = $unit GROUP BY {key}
) f ON f.{key} = s.{key}
WHERE NOT EXISTS (
    FROM {table} t WHERE t.{key} = s.{key} AND t.unit = $unit AND t.valid_to IS NULL
)
