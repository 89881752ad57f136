"""Finds the identities that records and events name, whenever owners are resolved."""

from typing import TYPE_CHECKING

from nhiscan.graph.staging import run_script

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def stage_names(con: "DuckDBPyConnection") -> None:
    """Leave `staged_identity_name`; tenants are merged already."""
    run_script(con, "nhiscan.evidence", "names.sql")
