"""The accountability ledger: evidence, reviews and decisions, chained by hashes per tenant."""
