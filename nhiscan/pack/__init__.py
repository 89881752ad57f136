"""Packs: folders for auditors, for the monthly review and for clients, that verify on their own."""
