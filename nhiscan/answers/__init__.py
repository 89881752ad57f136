"""What comes back about findings: tickets of other systems, and decisions in files."""
