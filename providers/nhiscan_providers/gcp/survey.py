"""Reads a whole organization once, for all units of it that this process collects.

A unit is one project (or the organization itself): identities belong to the project they live in,
clients of a reseller are told apart by project, and each unit's spool stays small. But what they
are made from costs about twenty calls for all projects together and thousands one by one. So the
first unit of an organization reads for all, and each takes its share; a worker elsewhere, or a
resumed scan, reads again. What is read is let go of once every unit had its share.
"""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

import msgspec
from msgspec import Struct

from nhiscan.ledger import Ledger, Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.bindings import Index
from nhiscan_providers.gcp.calls import (
    ACTIVITIES,
    CREATORS,
    INVENTORY,
    KEY_STATUS,
    LISTED,
    POLICIES,
    PROJECTS,
)
from nhiscan_providers.gcp.facts import Facts
from nhiscan_providers.gcp.faults import Fault, Kind
from nhiscan_providers.gcp.hierarchy import read_tree
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.sources.activity import read_activities
from nhiscan_providers.gcp.sources.creators import read_creators
from nhiscan_providers.gcp.sources.details import read_details
from nhiscan_providers.gcp.sources.inventory import read_ages, read_assets, read_policies
from nhiscan_providers.gcp.wire import Wire

# Refused for one scope, another may still be allowed; all else is the same for every scope.
ELSEWHERE: frozenset[Kind] = frozenset({"denied", "invalid", "missing"})


class Survey(Struct, kw_only=True):
    """What was read at one scope. A fault is null where the source was read, whole or in part."""

    facts: Facts
    index: Index
    ledger: Ledger
    assets_fault: Fault | None = None
    policies_fault: Fault | None = None
    activity_fault: Fault | None = None


class Surveys:
    """Keeps entries' access and organizations' surveys for a process; used by many threads."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lock = Lock()
        self._access: dict[bytes, Access] = {}
        self._slots: dict[tuple[bytes, str], _Slot] = {}

    def access(self, options: Options) -> Access:
        """Return what calls for an entry; its units share their tokens."""
        key = msgspec.json.encode(options)
        with self._lock:
            return self._access.setdefault(key, Access(self._wire, options))

    def take(self, options: Options, plan: str, units: int, read: Callable[[], Survey]) -> Survey:
        """Return the survey of an entry's plan, reading it if this is the first unit to ask.

        `plan` tells one plan of the entry from another; after `units` takes it is let go of.
        """
        key = (msgspec.json.encode(options), plan)
        with self._lock:
            slot = self._slots.setdefault(key, _Slot(units))
            slot.left -= 1
            if slot.left <= 0:
                self._slots.pop(key, None)
        with slot.lock:
            if slot.survey is None:
                slot.survey = read()
            return slot.survey


class _Slot:
    """One survey, and how many units have yet to take it."""

    def __init__(self, units: int) -> None:
        self.left = units
        self.lock = Lock()
        self.survey: Survey | None = None


def read_survey(
    access: Access, scope: str, now: datetime, progress: Callable[[str], None]
) -> Survey:
    """Read everything that one call gives for many projects; faults become readings."""
    facts, ledger = Facts(), Ledger()
    progress(f"{scope}: reading the inventory of all projects")
    assets_fault = read_listed(access, ledger, scope, facts)
    progress(f"{scope}: reading allow policies")
    policies_fault = read_bound(access, ledger, scope, facts, assets_fault)
    if assets_fault is None:
        inventory = ledger.open(INVENTORY)
        guarded(inventory, lambda: read_ages(access, inventory, scope, facts))
        accounts = sorted(facts.accounts.values(), key=lambda one: one.email)
        read_details(access, ledger.open(KEY_STATUS), accounts, facts)
    else:
        _learn_projects(access, ledger.open(INVENTORY), scope, facts)
    progress(f"{scope}: reading last authentications and creators")
    activity_fault = read_used(access, ledger.open(ACTIVITIES), scope, facts)
    projects = sorted(set(facts.above) - facts.leaving)
    wanted = access.options.projects or projects
    read_made(access, ledger, [one for one in projects if one in wanted], facts, now)
    return Survey(
        facts=facts,
        index=Index(facts, unread(access.options, facts)),
        ledger=ledger,
        assets_fault=assets_fault,
        policies_fault=policies_fault,
        activity_fault=activity_fault,
    )


def unread(options: Options, facts: Facts) -> set[str]:
    """List the known projects that planning makes no unit of; see `plan`."""
    return {
        name
        for name, above in facts.above.items()
        if name in facts.leaving
        or (options.projects and name not in options.projects)
        or (options.map and not any(place in options.map for place in (name, *above)))
    }


def _learn_projects(access: Access, counted: Reading, scope: str, facts: Facts) -> None:
    """Learn the projects from Resource Manager, where the inventory does not tell them.

    How completely that can be read is planning's to say; here only the names are wanted.
    """
    reading = Reading(PROJECTS)
    tree = read_tree(access, reading, None)
    counted.calls += reading.calls
    for project in tree.projects:
        above = tree.above(project)
        if scope in above:
            facts.learn(project.id, project.number, above)
            if project.state != "ACTIVE":
                facts.leaving.add(project.id)


def read_listed(access: Access, ledger: Ledger, scope: str, facts: Facts) -> Fault | None:
    """List resources; return the fault if nothing was read, for another way to be taken."""
    inventory = ledger.open(INVENTORY)
    try:
        missing = read_assets(access, inventory, scope, facts)
    except Fault as fault:
        inventory.failed(fault)
        for source in LISTED:
            ledger.open(source).mark(inventory.state, inventory.reason or fault.reason)
        return None if inventory.state == "partial" else fault
    for source in LISTED:
        ledger.open(source)
    for source, reason in missing.items():
        ledger.open(source).mark("partial", reason)
    return None


def read_bound(
    access: Access, ledger: Ledger, scope: str, facts: Facts, before: Fault | None
) -> Fault | None:
    """Search allow policies; return the fault if nothing was read. `before`: of the list."""
    inventory, policies = ledger.open(INVENTORY), ledger.open(POLICIES)
    if before is not None and before.kind not in ELSEWHERE:
        policies.mark(before.state, before.reason)
        return before
    counted = Reading(POLICIES)
    try:
        read_policies(access, counted, scope, facts)
    except Fault as fault:
        counted.failed(fault)
        inventory.mark(counted.state, counted.reason or fault.reason)
        policies.mark(counted.state, counted.reason or fault.reason)
        return None if counted.state == "partial" else fault
    finally:
        inventory.calls += counted.calls
    return None


def read_used(access: Access, reading: Reading, scope: str, facts: Facts) -> Fault | None:
    """Read last authentications; return the fault if the scope itself was refused."""
    try:
        facts.account_activity = read_activities(access, reading, scope, "serviceAccount")
        facts.key_activity = read_activities(access, reading, scope, "serviceAccountKey")
    except Fault as fault:
        refused = not reading.pages and fault.kind in ELSEWHERE
        reading.failed(fault)
        return fault if refused else None
    return None


def read_made(
    access: Access, ledger: Ledger, projects: list[str], facts: Facts, now: datetime
) -> None:
    """Read creators, within the entry's budget of pages."""
    reading, pages = ledger.open(CREATORS), access.options.creators_pages
    if not pages:
        reading.mark("partial", "not asked: `creators_pages` is 0")
        return

    def read() -> None:
        facts.creations = read_creators(access, reading, projects, pages, now)

    guarded(reading, read)


def guarded(reading: Reading, read: Callable[[], None]) -> None:
    """Read; a fault marks the reading."""
    try:
        read()
    except Fault as fault:
        reading.failed(fault)
