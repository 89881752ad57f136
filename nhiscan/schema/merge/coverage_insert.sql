INSERT INTO coverage_read BY NAME SELECT {unit}, s.* FROM staged_coverage s
