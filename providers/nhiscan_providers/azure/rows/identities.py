"""Applications, service principals, managed identities and agents as identities, with last use."""

from datetime import datetime, timedelta
from typing import Any

from nhiscan.ledger import Reading
from nhiscan.records import Identity, Kind, Privilege, Usage
from nhiscan_providers.azure.directory import Directory, is_agent, is_blueprint, is_managed
from nhiscan_providers.azure.premises import AGENT, APPLICATION, BLUEPRINT, LEGACY, MANAGED
from nhiscan_providers.azure.premises import PRINCIPAL as SERVICE_PRINCIPAL
from nhiscan_providers.azure.reading.moments import moment
from nhiscan_providers.azure.reading.origins import classify_application, classify_principal, origin
from nhiscan_providers.azure.rows.credentials import unseen
from nhiscan_providers.azure.rows.workloads import Workload, Workloads
from nhiscan_providers.azure.shapes.graph import Activity, Application, Principal, SignIn
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import applications, principals
from nhiscan_providers.azure.sources.activity import SIGN_INS, WINDOW_DAYS

Power = tuple[Privilege, str | None]
_URLS = 20


def application(directory: Directory, one: Application, power: Power) -> Identity:
    """Make the identity of a registration; its service principal here is the whole of it."""
    key = low(one.id)
    principal = directory.principal_of(one.app_id)
    class_, rule, evidence = classify_application(blueprint=is_blueprint(one))
    return Identity(
        key=key,
        kind="app",
        native_type=BLUEPRINT if is_blueprint(one) else APPLICATION,
        native_id=f"{directory.id}/{key}",
        immutable_id=low(one.app_id) or key,
        name=one.display_name or key,
        home_account=directory.id,
        class_=class_,
        class_rule=rule,
        class_evidence=evidence,
        enabled=False if one.disabled_by_microsoft_status else _enabled(principal),
        created_at=moment(one.created_date_time),
        privilege=power[0],
        tags=_tags(one.tags),
        attributes=_facts(
            app_id=low(one.app_id),
            counterpart=low(principal.id) if principal else None,
            origin="own",
            sign_in_audience=one.sign_in_audience,
            publisher_domain=one.publisher_domain,
            verified_publisher=_publisher(one),
            service_management_reference="set" if one.service_management_reference else None,
            instance_lock=_lock(one),
            created_by_app=low(one.created_by_app_id) or None,
            disabled_by_microsoft=one.disabled_by_microsoft_status,
            privilege_reason=power[1],
        ),
        part_of=low(principal.id) if principal else None,
        source=applications.APPLICATIONS,
    )


def principal(
    directory: Directory, one: Principal, power: Power, workloads: Workloads, app: str | None
) -> Identity:
    """Make the identity of a service principal; `app` is its registration's id, if that is here."""
    key = low(one.id)
    kind, native_type = _type(one)
    where = origin(one.app_owner_organization_id, directory.id)
    class_, rule, evidence = classify_principal(
        kind=low(one.service_principal_type),
        origin=where,
        agent=is_agent(one),
        credentials=bool(one.password_credentials or one.key_credentials),
    )
    workload = workloads.of(one) if kind == "managed_identity" else None
    return Identity(
        key=key,
        kind=kind,
        native_type=native_type,
        native_id=_resource(directory, key, workload)
        if is_managed(one)
        else f"{directory.id}/{key}",
        immutable_id=key,
        name=one.display_name or one.app_display_name or key,
        home_account=low(one.app_owner_organization_id) or directory.id,
        class_=class_,
        class_rule=rule,
        class_evidence=evidence,
        enabled=False if one.disabled_by_microsoft_status else one.account_enabled,
        created_at=moment(one.created_date_time),
        privilege=power[0],
        tags=workload.tags if workload else _tags(one.tags),
        attributes=_principal_facts(one, app, where, workload) | _facts(privilege_reason=power[1]),
        source=directory.kept.get(key, principals.PRINCIPALS),
    )


def _resource(directory: Directory, key: str, workload: Workload | None) -> str:
    """Name a managed identity by its resource, by which Azure's roles and their scopes mean it."""
    named = workload.arm_id if workload else None
    return named or f"{directory.id}/managedidentities/{key}"


def _principal_facts(
    one: Principal, app: str | None, where: str, workload: Workload | None
) -> dict[str, Any]:
    return _facts(
        app_id=low(one.app_id),
        counterpart=app,
        origin=where,
        owner_organization=low(one.app_owner_organization_id) or None,
        type=one.service_principal_type,
        verified_publisher=_publisher(one),
        sign_in_audience=one.sign_in_audience,
        single_sign_on=one.preferred_single_sign_on_mode,
        assignment_required=one.app_role_assignment_required,
        reply_urls=(one.reply_urls or [])[:_URLS] or None,
        blueprint=low(one.agent_identity_blueprint_id) or None,
        created_by_app=low(one.created_by_app_id) or None,
        disabled_by_microsoft=one.disabled_by_microsoft_status,
        arm_id=workload.arm_id if workload else None,
        workload=workload.state if workload else None,
        workload_reason=workload.reason if workload else None,
        tags_unread=workload.tags_unread if workload else None,
    )


def usage(
    key: str,
    app_id: str | None,
    created: str | None,
    directory: Directory,
    reading: Reading,
    now: datetime,
) -> Usage:
    """Say when an application last signed in anywhere in this directory, in whichever way.

    The report is by application, so both of its objects get the same answer. What it leaves out
    did not sign in within its window; only where that is its whole life was it never used.
    """
    found = directory.used.sign_ins.get(low(app_id)) if app_id else None
    last, how = _last(found)
    started = moment(created)
    fresh = started is not None and started >= now - timedelta(days=WINDOW_DAYS)
    whole = reading.complete
    return Usage(
        subject="identity",
        key=key,
        usage="known" if last else "never" if whole and fresh else "unknown",
        last_used_at=last,
        window_days=WINDOW_DAYS if whole else None,
        note=how if last else unseen(reading, fresh=fresh),
        source=SIGN_INS,
    )


def _last(one: SignIn | None) -> tuple[datetime | None, str | None]:
    if one is None:
        return None, None
    ways: tuple[tuple[str, Activity | None], ...] = (
        ("as itself", one.application_authentication_client_sign_in_activity),
        (
            "as a resource that other applications call",
            one.application_authentication_resource_sign_in_activity,
        ),
        ("on behalf of users", one.delegated_client_sign_in_activity),
        ("as a resource that users call", one.delegated_resource_sign_in_activity),
        ("in any way", one.last_sign_in_activity),
    )
    told = [(moment(act.last_sign_in_date_time), how) for how, act in ways if act]
    known = [(when, how) for when, how in told if when is not None]
    if not known:
        return None, None
    when, how = max(known, key=lambda pair: pair[0])
    return when, f"last signed in {how}"


def _type(one: Principal) -> tuple[Kind, str]:
    if is_agent(one):
        return "ai_agent", AGENT
    if is_managed(one):
        return "managed_identity", MANAGED
    if low(one.service_principal_type) == "legacy":
        return "service_principal", LEGACY
    return "service_principal", SERVICE_PRINCIPAL


def _enabled(one: Principal | None) -> bool | None:
    return one.account_enabled if one is not None else None


def _publisher(one: Application | Principal) -> str | None:
    publisher = one.verified_publisher
    return publisher.display_name if publisher and publisher.verified_publisher_id else None


def _lock(one: Application) -> bool | None:
    lock = one.service_principal_lock_configuration
    return lock.is_enabled if lock else None


def _tags(tags: list[str] | None) -> dict[str, str]:
    """Read Entra's tags, which are single texts: `owner=dana@acme.example` has key and value."""
    found: dict[str, str] = {}
    for tag in tags or ():
        for mark in ("=", ":"):
            key, found_mark, value = tag.partition(mark)
            if found_mark:
                found.setdefault(key.strip(), value.strip())
                break
        else:
            found.setdefault(tag, "")
    return found


def _facts(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
