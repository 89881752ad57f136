-- Begin the first version of every row of a unit that the table does not know yet.
INSERT INTO {table} BY NAME
SELECT {unit}, s.*, $at AS first_seen, $at AS valid_from FROM staged_{name} s
