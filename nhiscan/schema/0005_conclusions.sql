-- When something was concluded without a scan: after an answer of somebody, or a change of a file.
CREATE TABLE conclusion (concluded_at TIMESTAMPTZ);
