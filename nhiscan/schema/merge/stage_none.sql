CREATE OR REPLACE TEMP TABLE staged_{name} AS SELECT {columns} FROM {table} LIMIT 0
