"""Tries every permission by asking Google which of them are held, and which APIs are off."""

from collections.abc import Iterator, Sequence

from nhiscan.errors import ProviderError
from nhiscan.ledger import Reading
from nhiscan.provider import Check, Context
from nhiscan.records import GLOBAL, Coverage
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.calls import ENTRY, PROJECTS, TITLES, of_source
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.plan import label, plan_entry
from nhiscan_providers.gcp.policy import permissions, services

# testIamPermissions takes at most 100 permissions a call; services:batchGet 30 names.
_PERMISSIONS = 100
_SERVICES = 30
_GRANT = "nhiscan permissions gcp"


def check_entry(access: Access, context: Context) -> Iterator[Check]:
    """Yield one Check per source and place; an entry that cannot be used is one too."""
    options = access.options
    try:
        plan = plan_entry(access, context)
    except ProviderError as error:
        yield Check(
            account=label(options),
            source=ENTRY,
            region=GLOBAL,
            state="denied" if error.state == "denied" else "unreachable",
            reason=error.message,
            missing=permissions("caller") if options.impersonate and not error.hint else (),
            grant=error.hint or f"{_GRANT} --form scanner",
        )
        return
    yield from _entry(access)
    for row in plan.records:
        if isinstance(row, Coverage):
            yield Check(
                account=plan.label, source=row.source, region=row.region, state=row.state,
                reason=row.reason, grant=None if row.state == "complete" else _GRANT,
            )  # fmt: skip
    places = (
        [options.scope] if options.scope else [f"projects/{unit.account}" for unit in plan.units]
    )
    for place in places:
        context.progress(f"{place}: trying permissions")
        yield from _place(access, place)


def _entry(access: Access) -> Iterator[Check]:
    """Tell whether the APIs are on in the project that pays for the calls."""
    project = access.options.quota_project
    if project is None:
        yield Check(
            account=label(access.options), source=ENTRY, region=GLOBAL, state="complete",
            reason="which APIs are on was not asked: the entry names no quota_project",
        )  # fmt: skip
        return
    try:
        off = _off(access, project)
    except Fault as fault:
        yield Check(
            account=project, source=ENTRY, region=GLOBAL, state=fault.state, reason=fault.reason,
            missing=permissions("quota") if fault.kind == "denied" else (),
            grant=fault.hint or f"{_GRANT} --form quota",
        )  # fmt: skip
        return
    enable = f"gcloud services enable {' '.join(off)} --project {project}"
    yield Check(
        account=project,
        source=ENTRY,
        region=GLOBAL,
        state="denied" if off else "complete",
        reason=f"APIs that are off in {project}: {', '.join(off)} (SERVICE_DISABLED)"
        if off
        else None,
        grant=enable if off else None,
    )


def _off(access: Access, project: str) -> list[str]:
    wanted = services()
    on: set[str] = set()
    for start in range(0, len(wanted), _SERVICES):
        names = [f"projects/{project}/services/{one}" for one in wanted[start : start + _SERVICES]]
        page = access.call(
            Reading(ENTRY),
            "serviceusage",
            "BatchGetServices",
            {"project": f"projects/{project}"},
            params={"names": names},
        )
        for row in page.get("services") or ():
            if row.get("state") == "ENABLED":
                on.add(str(row.get("name", "")).rpartition("/")[2])
    return [one for one in wanted if one not in on]


def _place(access: Access, place: str) -> Iterator[Check]:
    account = place.partition("/")[2]
    wanted = permissions("scope")
    try:
        held = _held(access, place, wanted)
    except Fault as fault:
        yield Check(
            account=account, source=PROJECTS, region=GLOBAL, state=fault.state,
            reason=fault.reason, grant=fault.hint or _GRANT,
        )  # fmt: skip
        return
    for source in TITLES:
        if source == ENTRY:
            continue
        needed = dict.fromkeys(
            p for one in of_source(source) if one.party == "scope" for p in one.permissions
        )
        missing = tuple(one for one in needed if one not in held and _applies(one, place))
        if source == PROJECTS and not missing:
            continue  # planning has said how it was read
        yield Check(
            account=account,
            source=source,
            region=GLOBAL,
            state="denied" if missing else "complete",
            reason=f"not held on {place}" if missing else None,
            missing=missing,
            grant=_GRANT if missing else None,
        )


def _held(access: Access, place: str, wanted: Sequence[str]) -> set[str]:
    held: set[str] = set()
    asked = [one for one in wanted if _applies(one, place)]
    for start in range(0, len(asked), _PERMISSIONS):
        page = access.call(
            Reading(PROJECTS),
            "cloudresourcemanager",
            "TestIamPermissions",
            {"resource": place},
            body={"permissions": asked[start : start + _PERMISSIONS]},
        )
        held.update(str(one) for one in page.get("permissions") or ())
    return held


def _applies(permission: str, place: str) -> bool:
    """Tell whether a permission can be held there: a project knows none of what is above it."""
    if place.startswith("projects/"):
        return not permission.startswith(
            ("resourcemanager.organizations.", "resourcemanager.folders.")
        )
    return True
