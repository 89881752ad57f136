DELETE FROM staged_{name}
WHERE rowid NOT IN (
    SELECT rowid FROM staged_{name}
    QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {best}) = 1
)
