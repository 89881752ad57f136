"""The way of one call through the stand-in Google: who, who pays, which fault, may they, what."""

from collections.abc import Callable
from time import sleep
from typing import Any

from nhiscan_sandbox.calls import Call, CallLog, arrived
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.gcp_model import Project
from nhiscan_sandbox.faults import Fault, Faults
from nhiscan_sandbox.gcp import activity
from nhiscan_sandbox.gcp.access import Access, denial
from nhiscan_sandbox.gcp.answers import Answers
from nhiscan_sandbox.gcp.callers import Callers, unauthenticated
from nhiscan_sandbox.gcp.methods import Method
from nhiscan_sandbox.gcp.pages import Asked, bad_token
from nhiscan_sandbox.gcp.planting import planted
from nhiscan_sandbox.gcp.wire import HTTP_STATUS, Problem, Refusal, quota_exceeded, refuse
from nhiscan_sandbox.gcp.world import BY_RESOURCE, World, place_of, project_of, services_on

# Calls that come before there is anybody who could pay.
_FREE = ("iamcredentials", "sts", "oauth2")
_USE = "serviceusage.services.use"
_OWNERS = "cloudasset.assets.searchEnrichmentResourceOwners"


class Broken(Exception):  # noqa: N818 it is asked for
    """The connection is to be reset instead of an answer."""


class Gateway:
    """Answers calls of both transports for all organizations and projects of an estate."""

    def __init__(
        self,
        world: World,
        base: str | None,
        *,
        canaries: Canaries,
        log: CallLog,
        faults: Faults,
    ) -> None:
        self.world = world
        self.access = Access(world)
        self.callers = Callers(world, self.access, base)
        self._answers = Answers(world, self.access, self.callers)
        self._canaries = canaries
        self._log = log
        self._faults = faults

    def answer(self, asked: Asked, method: Method) -> dict[str, Any]:
        """Answer one call; raises Refusal, or Broken where a fault hits the connection."""
        call = Call(
            at=arrived(),
            account=account_of(self.world, asked),
            region=None,
            service=asked.service,
            operation=asked.operation,
            permission=_needed(asked, method) or "",
            authorized=asked.token is not None,
        )
        self._log.add(call)
        try:
            answer = self._answer(asked, method, call)
            call.status = 200
        except Refusal as refusal:
            call.status = HTTP_STATUS[refusal.problem.code]
            raise
        finally:
            self._log.answered(call)
        return planted(answer) if self._canaries.on else answer

    def _answer(self, asked: Asked, method: Method, call: Call) -> dict[str, Any]:
        # Whoever brings an assertion or a foreign token has no token of Google's yet.
        member = "" if asked.service in ("sts", "oauth2") else self.callers.find(asked.token)
        call.caller = member or None
        fault = self._faults.hit(
            call.account, None, asked.service, asked.operation, paged=asked.paged
        )
        if fault is not None:
            call.fault = fault.kind
            self._befall(fault, asked)
        if asked.service not in _FREE:
            self._require_payer(asked, member)
        self._require_permission(asked, method, member)
        return self._answers.answer(asked, member)

    def _befall(self, fault: Fault, asked: Asked) -> None:
        """Refuse as a fault says, break the connection, or let the call go on changed."""
        if fault.kind == "reset":
            raise Broken
        if fault.kind == "truncate":
            asked.cut = fault.keep
        elif fault.kind == "slow":
            sleep(fault.seconds)
        elif fault.kind == "empty_page":
            asked.empty_page = True
        else:
            raise refusal_of(fault, asked)

    def _require_payer(self, asked: Asked, member: str) -> None:
        """Check the project that pays for a call: the named one, else the caller's own."""
        host = f"{asked.service}.googleapis.com"
        named = asked.quota_project
        payer = named and self.world.place(f"projects/{named}")
        if named and (not payer or project_of(payer).state != "ACTIVE"):
            raise consumer_invalid(named)
        if payer and not self.access.allowed(member, _USE, payer):
            raise user_project_denied(host, named or "")
        own = self.world.accounts.get(member.partition(":")[2])
        consumer = payer or (own.place if own else None)
        for place in (consumer, self._by_resource(asked)):
            if place is not None and asked.service not in services_on(project_of(place)):
                raise service_disabled(host, place.name)

    def _by_resource(self, asked: Asked) -> Any:
        if asked.service not in BY_RESOURCE:
            return None
        return place_of(self.world, asked.target)

    def _require_permission(self, asked: Asked, method: Method, member: str) -> None:
        if asked.service == "logging":
            for name in asked.several("resourceNames"):
                self._require(asked, "logging.logEntries.list", member, name)
            return
        permission = _needed(asked, method)
        if permission is None or asked.service == "iamcredentials":
            return
        target = asked.target or asked.text("parent")
        self._require(asked, permission, member, target)
        if "enrichments" in asked.text("readMask") or asked.text("readMask") == "*":
            self._require(asked, _OWNERS, member, target)

    def _require(self, asked: Asked, permission: str, member: str, target: str) -> None:
        account = self.world.account(target) if "/serviceAccounts/" in target else None
        place = account.place if account else place_of(self.world, target)
        row, tree = place.row, asked.service == "cloudresourcemanager"
        if isinstance(row, Project) and row.state != "ACTIVE" and not tree:
            raise consumer_invalid(row.id)
        if not self.access.allowed(member, permission, place, account):
            raise denial(asked.service, permission, target, member)


def _needed(asked: Asked, method: Method) -> str | None:
    if asked.service == "policyanalyzer":
        return activity.permission(asked)
    if asked.operation == "ListAssets" and asked.text("contentType") == "IAM_POLICY":
        return "cloudasset.assets.listIamPolicy"
    return method.permission


def account_of(world: World, asked: Asked) -> str | None:
    """Name the project (by id), folder or organization (by number) that a call is about."""
    names = asked.several("resourceNames")
    target = asked.target or asked.text("parent") or (names[0] if names else "")
    account = world.account(target) if "/serviceAccounts/" in target else None
    place = account.place if account else world.place("/".join(target.split("/")[:2]))
    if place is None:
        return None
    return place.row.id if isinstance(place.row, Project) else place.row.number


def refusal_of(fault: Fault, asked: Asked) -> Refusal:
    """Make the refusal that a fault asks for; `code` is the ErrorInfo reason of a denial."""
    host = f"{asked.service}.googleapis.com"
    if fault.kind == "throttle":
        per_day = fault.code == "PerDay"
        return Refusal(quota_exceeded(asked.service, fault.retry_after, per_day))
    if fault.kind == "expired":
        return unauthenticated()
    if fault.kind == "bad_marker":
        made = bad_token()
        return made if isinstance(made, Refusal) else refuse("INVALID_ARGUMENT", str(made))
    if fault.kind == "denied":
        special: dict[str, Callable[[], Refusal]] = {
            "SERVICE_DISABLED": lambda: service_disabled(host, "projects/0"),
            "SECURITY_POLICY_VIOLATED": lambda: perimeter(host),
            "USER_PROJECT_DENIED": lambda: user_project_denied(host, asked.quota_project or "0"),
            "CONSUMER_INVALID": lambda: consumer_invalid(asked.quota_project or "0"),
            "BILLING_DISABLED": lambda: billing_disabled(host),
        }
        plain = special.get(fault.code or "")
        return plain() if plain else denial(asked.service, "unknown", asked.target, "")
    codes = {status: code for code, status in HTTP_STATUS.items() if code != "FAILED_PRECONDITION"}
    code = codes.get(fault.status, "INTERNAL")
    return refuse(code, "The service is currently unavailable.", retry_after=fault.retry_after)


def service_disabled(host: str, consumer: str) -> Refusal:
    """Say that an API is off in the project that pays, or that the resource is in."""
    number = consumer.partition("/")[2]
    return refuse(
        "PERMISSION_DENIED",
        f"{host} has not been used in project {number} before or it is disabled.",
        reason="SERVICE_DISABLED",
        metadata={"service": host, "consumer": consumer, "containerInfo": number},
    )


def perimeter(host: str) -> Refusal:
    """Say that VPC Service Controls forbid the call."""
    unique = "sandbox-vpc-sc-0001"
    return refuse(
        "PERMISSION_DENIED",
        "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: "
        f"{unique}",
        reason="SECURITY_POLICY_VIOLATED",
        metadata={"service": host, "uid": unique},
        perimeter=unique,
    )


def user_project_denied(host: str, project: str) -> Refusal:
    """Say that the caller may not have a project pay for its calls."""
    return refuse(
        "PERMISSION_DENIED",
        f"Caller does not have required permission to use project {project}. Grant the caller the "
        "roles/serviceusage.serviceUsageConsumer role.",
        reason="USER_PROJECT_DENIED",
        metadata={"service": host, "consumer": f"projects/{project}"},
    )


def consumer_invalid(project: str) -> Refusal:
    """Say that a project is gone, or on its way."""
    return refuse(
        "PERMISSION_DENIED",
        f"Project '{project}' not found or deleted.",
        reason="CONSUMER_INVALID",
        metadata={"consumer": f"projects/{project}"},
    )


def billing_disabled(host: str) -> Refusal:
    """Say that nobody pays for the project."""
    problem = Problem(
        code="PERMISSION_DENIED",
        message="This API method requires billing to be enabled.",
        reason="BILLING_DISABLED",
        metadata={"service": host},
    )
    return Refusal(problem)
