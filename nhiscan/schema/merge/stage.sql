CREATE OR REPLACE TEMP TABLE staged_{name} AS
SELECT {columns}
FROM read_json(
    $path, format = 'newline_delimited', maximum_object_size = {longest}, columns = {fields}
)
