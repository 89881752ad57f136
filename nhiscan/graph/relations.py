"""Tells who each trusted principal is: one's own, the MSP's, another client's, a vendor's."""

from typing import TYPE_CHECKING

from nhiscan import plugins
from nhiscan.config.model import Config
from nhiscan.graph.staging import run_script, stage_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {"provider": "VARCHAR", "native_id": "VARCHAR", "name": "VARCHAR"}


def stage_relations(con: "DuckDBPyConnection", config: Config) -> None:
    """Leave `staged_trust_relation`, and `known_tenant`, `known_account` for those who follow.

    The MSP's own vendor list goes before what adapters know as publicly listed: "listed publicly
    as X" is not "is X".
    """
    stage_rows(con, "vendor_listed", _COLUMNS, _listed(config))
    stage_rows(con, "vendor_public", _COLUMNS, _public(con))
    run_script(con, "nhiscan.graph", "relations.sql")


def _listed(config: Config) -> list[tuple[str, str, str]]:
    found: dict[tuple[str, str], str] = {}
    for vendor in config.vendors:
        accounts = (
            ("aws", vendor.aws_accounts),
            ("azure", (*vendor.entra_tenants, *vendor.entra_apps)),
            ("gcp", vendor.gcp_organizations),
            ("github", vendor.github_apps),
        )
        for provider, ids in accounts:
            for native_id in ids:
                found.setdefault((provider, native_id.lower()), vendor.name)
    return [(provider, native_id, name) for (provider, native_id), name in found.items()]


def _public(con: "DuckDBPyConnection") -> list[tuple[str, str, str]]:
    """Ask the adapters that are installed, and only those whose trusts the store holds."""
    used = con.execute("SELECT DISTINCT provider FROM trust_version WHERE valid_to IS NULL")
    present = sorted({row[0] for row in used.fetchall()} & set(plugins.names(plugins.PROVIDERS)))
    return [
        (name, native_id, vendor)
        for name in present
        for native_id, vendor in plugins.provider(name).vendors().items()
    ]
