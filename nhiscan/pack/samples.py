"""Draws samples that anybody can draw again: the order of SHA-256 over seed and id."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from nhiscan.table import Table

RULE = "rows ordered by SHA-256 over `<seed>:<id>` in UTF-8, the first N taken"


def sample(population: Table, size: int, seed: str, key: str = "identity_id") -> Table:
    """Draw `size` rows (or all) of a population by its column `key`."""
    at = population.columns.index(key)

    def place(row: Sequence[Any]) -> str:
        return sha256(f"{seed}:{row[at]}".encode("utf-8", "surrogatepass")).hexdigest()

    ranked = sorted(population.rows, key=place)
    return Table(
        columns=("sample", *population.columns),
        rows=[[number, *row] for number, row in enumerate(ranked[:size], 1)],
        title=f"Sample of {min(size, len(ranked))} of {len(ranked)}",
        notes=(f"{RULE}; seed {seed}",),
    )
