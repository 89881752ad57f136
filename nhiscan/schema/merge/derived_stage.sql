CREATE OR REPLACE TEMP TABLE staged_derived AS SELECT {columns} FROM {staged}
