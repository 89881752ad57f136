"""Who answers for each identity: roster, claims, verdicts. A deeper resolver replaces this one."""
