SELECT count(*) - count(DISTINCT ({key})) FROM staged_{name}
