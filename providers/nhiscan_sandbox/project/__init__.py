"""The sample project: a configuration, rosters and vendor list that go with the sample estate."""
