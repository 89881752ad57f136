"""Plans an entry: which projects stand behind it, whose they are, and what to read of each.

One unit is one project, and one more is the organization itself, for what is bound or named above
all projects; see `survey` for why that costs no more calls than reading the organization as one.
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from nhiscan.errors import ProviderError
from nhiscan.ledger import Ledger
from nhiscan.provider import Context, Plan, Unit
from nhiscan.records import Account, AccountState, AnyRecord
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import PROJECTS
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.hierarchy import Project, Tree, read_tree
from nhiscan_providers.gcp.options import Options

# Resource Manager v3, Project.State
_STATES: dict[str, AccountState] = {"ACTIVE": "active", "DELETE_REQUESTED": "closed"}
_ENVIRONMENTS = ("environment", "env", "stage")
_NO_TENANT = "no tenant is mapped to it"


def plan_entry(access: Access, context: Context) -> Plan:
    """Find the projects behind an entry; raises ProviderError only if it cannot be entered."""
    options, ledger = access.options, Ledger()
    reading = ledger.open(PROJECTS)
    try:
        access.enter(reading)
    except Fault as fault:
        raise ProviderError(f"gcp: {fault.reason}", state=fault.state, hint=fault.hint) from None
    context.progress(f"{label(options)}: listing projects")
    tree = read_tree(access, reading, options.organization)
    if reading.fault is not None and not tree.projects and reading.state == "unreachable":
        raise ProviderError(f"gcp: {reading.reason}", state=reading.state)
    return _plan(options, context, ledger, tree)


def label(options: Options) -> str:
    """Name an entry among the tenant's own: its organization, else its first project."""
    return options.organization or options.projects[0]


def _plan(options: Options, context: Context, ledger: Ledger, tree: Tree) -> Plan:
    found = {one.id: one for one in tree.projects if _within(options, tree, one)}
    records: list[Account] = []
    units: list[tuple[str, str, str | None, dict[str, Any]]] = []
    if options.organization:
        tenant = options.map.get(options.scope or "", context.tenant_id)
        records.append(_organization(options.organization, tenant, tree))
        units.append((tenant, options.organization, tree.domain, {}))
    for project in sorted(found.values(), key=lambda one: one.id):
        owner = _tenant(options, context, tree, project)
        reason = _reason(options, project, owner)
        records.append(_account(options, tree, project, owner, reason))
        if reason is None and owner is not None:
            params = {"number": project.number, "above": list(tree.above(project))}
            units.append((owner, project.id, project.name, params))
    unseen = [one for one in dict.fromkeys(options.projects) if one not in found]
    for name in unseen:
        records.append(_unseen(options, context, name))
        owner = options.map.get(name, None if options.map else context.tenant_id)
        if owner is not None:
            units.append((owner, name, None, {}))
    if unseen:
        ledger.open(PROJECTS).mark(
            "partial", f"not shown to the scanner: {', '.join(unseen)} (IAM_PERMISSION_DENIED)"
        )
    lost = [one for one in tree.projects if options.organization and tree.hangs(one)]
    if lost:
        ledger.open(PROJECTS).mark(
            "partial",
            f"projects in folders that are not shown to the scanner: {len(lost)}; whether they are"
            " of this organization is not known: grant resourcemanager.folders.get",
        )
    return Plan(
        label=label(options),
        units=tuple(_units(options, tree, units)),
        records=_records(ledger, records),
    )


def _units(
    options: Options, tree: Tree, found: list[tuple[str, str, str | None, dict[str, Any]]]
) -> Iterable[Unit]:
    common = {
        "organization": options.organization,
        "domain": tree.domain,
        "plan": uuid4().hex,
        "units": len(found),
    }
    for tenant, account, name, params in found:
        yield Unit(
            tenant_id=tenant,
            provider="gcp",
            account=account,
            name=name,
            params={**common, **params},
        )


def _within(options: Options, tree: Tree, project: Project) -> bool:
    """Tell whether a project belongs to the entry: credentials may lead to other clients' too."""
    if options.scope:
        return options.scope in tree.above(project)
    return project.id in options.projects


def _organization(number: str, tenant: str, tree: Tree) -> Account:
    return Account(
        native_id=number,
        tenant_id=tenant,
        name=tree.domain,
        state="active",
        organization=number,
        path=f"organizations/{number}",
        source=PROJECTS,
    )


def _account(
    options: Options, tree: Tree, project: Project, tenant: str | None, reason: str | None
) -> Account:
    state = _STATES.get(project.state, "unknown")
    above = tuple(reversed(tree.above(project)))
    return Account(
        native_id=project.id,
        tenant_id=tenant,
        name=project.name,
        environment=next((project.labels[k] for k in _ENVIRONMENTS if k in project.labels), None),
        state="unmapped" if tenant is None and state == "active" else state,
        organization=options.organization,
        # the number comes last: policies name projects by it
        path="/".join((*above, f"projects/{project.number}")),
        tags=project.labels,
        reason=reason,
        source=PROJECTS,
    )


def _unseen(options: Options, context: Context, name: str) -> Account:
    return Account(
        native_id=name,
        tenant_id=options.map.get(name, None if options.map else context.tenant_id),
        state="unknown",
        organization=options.organization,
        reason="the scanner is not shown this project",
        source=PROJECTS,
    )


def _tenant(options: Options, context: Context, tree: Tree, project: Project) -> str | None:
    """Find whose a project is: itself in the map, or the nearest above it; never guessed."""
    if not options.map:
        return context.tenant_id
    for place in (project.id, *tree.above(project)):
        if place in options.map:
            return options.map[place]
    return None


def _reason(options: Options, project: Project, tenant: str | None) -> str | None:
    """Say why a project is not scanned; null if it is."""
    if project.state != "ACTIVE":
        return f"not scanned: {project.state.lower().replace('_', ' ')[:40]}"
    if tenant is None:
        return _NO_TENANT
    if options.projects and project.id not in options.projects:
        return "not scanned: not among `projects`"
    return None


def _records(ledger: Ledger, accounts: Iterable[Account]) -> tuple[AnyRecord, ...]:
    counted = tuple(ledger.count(accounts))
    return (*counted, *ledger.coverage())
