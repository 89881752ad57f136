-- How many rows of a unit are new, changed, unchanged.
SELECT
    count(*) FILTER (t.{key} IS NULL),
    count(*) FILTER (t.digest <> s.digest),
    count(*) FILTER (t.digest = s.digest)
FROM staged_{name} s
LEFT JOIN {table} t ON t.{key} = s.{key} AND t.unit = $unit AND t.valid_to IS NULL
