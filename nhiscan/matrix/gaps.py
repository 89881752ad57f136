"""What a readable matrix leaves open that would be no finding: CFG-01 and CFG-02."""

from collections.abc import Iterator

from nhiscan.matrix.model import ClientFile, Instance, Matrix, Placed
from nhiscan.matrix.problems import Problem


def gaps(matrix: Matrix) -> Iterator[Problem]:
    """Yield at most one problem per code and instance."""
    domains = {sla.domain for sla in matrix.slas}
    for client in matrix.clients:
        for placed in client.instances:
            domain = placed.instance.sla
            if domain is not None and domain not in domains:
                said = f"{domain!r} has no SLA in slas.yaml; add {domain}: {{max_age: 7d}} there"
                yield _problem(client, placed, "CFG-01", "sla", said)
            outsider = _outsider(placed.instance)
            if outsider is not None and placed.instance.service_model is None:
                said = f"{outsider} takes part; say by service_model in what way"
                yield _problem(client, placed, "CFG-02", "responsibility", said)


def _outsider(one: Instance) -> str | None:
    """Name a third party that an instance says takes part in it."""
    if one.responsibility in ("subservice", "shared_msp_sub"):
        return "a subservice"
    duties = (said if isinstance(said, list) else [said] for said in one.duties.values())
    orgs = [org for listed in duties for org in listed if org]
    orgs += [kept.who for kept in one.custody]
    return next((org for org in orgs if org == "subservice" or org.startswith("sub:")), None)


def _problem(client: ClientFile, placed: Placed, code: str, key: str, said: str) -> Problem:
    line = placed.lines.get(key, placed.line)
    return Problem(
        file=client.file, line=line, code=code, instance=placed.instance.id, message=said
    )
