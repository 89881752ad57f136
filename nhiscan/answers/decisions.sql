-- Adds what was answered; nothing is ever changed.
INSERT INTO finding_decision BY NAME
SELECT
    d.*, $at::TIMESTAMPTZ AS decided_at, $by AS recorded_by, $at::TIMESTAMPTZ AS recorded_at
FROM told_decision AS d;

DROP TABLE told_decision;
