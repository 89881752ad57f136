"""The matrix and the roster in a database in memory, for rules that need nothing of any cloud."""

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import structs

from nhiscan.config.model import Config
from nhiscan.matrix.model import Matrix
from nhiscan.matrix.read import joined
from nhiscan.matrix.stage import TABLES, stage_matrix
from nhiscan.ownership.roster import stage_parties, stage_tenants
from nhiscan.store.derived import merge_derived
from nhiscan.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection


@contextmanager
def offline(config: Config, matrix: Matrix, at: datetime) -> "Iterator[DuckDBPyConnection]":
    """Open an empty store in memory that has read this matrix and this roster, and no cloud."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        migrate(con)
        matrix = _once(matrix)
        known = joined(config, matrix)
        stage_tenants(con, known)
        stage_parties(con, known, at)
        stage_matrix(con, known, matrix)
        for name in ("tenant", "party", *TABLES):
            merge_derived(con, name, f"staged_{name}", at)
        yield con


def _once(matrix: Matrix) -> Matrix:
    """Keep the first instance of each id: that the id stands twice has been told."""
    taken: set[str] = set()
    clients = []
    for client in matrix.clients:
        first = {one.instance.id: one for one in reversed(client.instances)}
        kept = [
            one
            for one in client.instances
            if one.instance.id not in taken and first[one.instance.id] is one
        ]
        taken.update(first)
        clients.append(structs.replace(client, instances=tuple(kept)))
    return structs.replace(matrix, clients=tuple(clients))
