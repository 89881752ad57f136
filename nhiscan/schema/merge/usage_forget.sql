-- "Never" is said only where the source was read whole: what is not read is not "never" any longer.
UPDATE usage_last t SET usage = 'unknown'
WHERE t.unit = $unit AND t.usage IN ('never', 'unsupported')
    AND NOT EXISTS (FROM staged_usage s WHERE s.subject_id = t.subject_id)
    AND EXISTS (
        FROM staged_coverage c
        WHERE c.source = t.source AND c.region = t.region
            AND c.state NOT IN ('complete', 'not_available')
    )
