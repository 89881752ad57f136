"""Provider adapters, one folder per platform."""
