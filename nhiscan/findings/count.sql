-- How the judgement that is staged differs from the one before.
SELECT
    count(*) FILTER (s.status = 'open' AND f.status IS DISTINCT FROM 'open') AS opened,
    count(*) FILTER (s.status = 'resolved' AND f.status <> 'resolved') AS resolved,
    count(*) FILTER (s.status = 'unknown' AND f.status IS DISTINCT FROM 'unknown')
        AS became_unknown,
    count(*) FILTER (s.status = 'open') AS open,
    count(*) FILTER (s.status = 'unknown') AS unknown
FROM staged_findings AS s
LEFT JOIN findings AS f ON f.finding_id = s.finding_id
