SELECT {key} FROM staged_derived GROUP BY ALL HAVING count(*) > 1 LIMIT 1
