"""Refuses an exception before it is written: of a thing nobody knows, or by whom it is not for."""

from pathlib import Path

from nhiscan.config.model import Accepted, Config, Party, Tenant
from nhiscan.errors import UsageError
from nhiscan.evidence.choose import nearest, party, tenant_of_instance
from nhiscan.graph.identify import identify
from nhiscan.matrix.model import Matrix
from nhiscan.matrix.read import joined, read_matrix
from nhiscan.sql import library
from nhiscan.store.read import open_reader
from nhiscan.text import shortened


def require(store: Path, config: Config, one: Accepted) -> None:
    """Raise UsageError, with the next step, if tenant, rule, subject or acceptor do not fit."""
    tenant = config.tenant(one.tenant_id)
    if tenant is None:
        known = [t.id for t in config.tenants]
        near = nearest(one.tenant_id, known) or f"known: {', '.join(known[:20])}"
        raise UsageError(f"no tenant {shortened(one.tenant_id, 80)!r}", hint=near)
    rules = {query.rule for query in library.load().values() if query.rule}
    if one.rule not in rules:
        raise UsageError(f"no rule {one.rule!r}", hint="`nhiscan query` lists them")
    if one.expires_at <= one.granted_at:
        raise UsageError(f"--until {one.expires_at} is not after {one.granted_at}")
    matrix = read_matrix(config)
    whole = joined(config, matrix)
    if one.instance_id is not None and tenant_of_instance(matrix, one.instance_id) != tenant.id:
        raise UsageError(f"{one.instance_id} is no instance of {tenant.id}")
    if one.identity is not None:
        found = identify(open_reader(store), one.identity)
        if found.tenant_id != tenant.id:
            raise UsageError(f"{found} is not of {tenant.id}")
    acceptor = party(whole, one.accepted_by, tenant.id, "--accepted-by")
    orgs = approvers(matrix, one.instance_id, tenant)
    if not fits(config, acceptor, orgs, tenant):
        raise UsageError(
            f"--accepted-by {acceptor.name} ({acceptor.org}, {acceptor.kind},"
            f" {acceptor.employment}): not theirs to accept",
            hint=f"it is for {whom(orgs, tenant)} who is here to accept it",
        )


def approvers(matrix: Matrix, instance_id: str | None, tenant: Tenant) -> list[str]:
    """List the organizations whose people may accept: the instance's approvers, else the client."""
    for client in matrix.clients:
        for placed in client.instances:
            if placed.instance.id == instance_id:
                said = placed.instance.duties.get("approve")
                named = [said] if isinstance(said, str) else list(said or ())
                if named:
                    return named
    return ["msp"] if tenant.kind == "msp" else ["client"]


def fits(config: Config, acceptor: Party, orgs: list[str], tenant: Tenant) -> bool:
    """Say whether somebody is a person of these organizations, and here."""
    groups = {t.id: t.group for t in config.tenants}
    scope, _, name = acceptor.org.partition(":")
    of_client = scope == "client" and groups.get(name) == tenant.group
    theirs = acceptor.org in orgs or (scope in orgs and (scope != "client" or of_client))
    return theirs and acceptor.kind == "person" and acceptor.employment != "left"


def whom(orgs: list[str], tenant: Tenant) -> str:
    """Say in words whose it is to accept."""
    return " or ".join(f"a person of {tenant.id}" if one == "client" else one for one in orgs)
