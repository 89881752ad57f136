"""A stand-in AWS: moto behind a gateway that authenticates, pages and fails as AWS does."""
