"""The way of one request through the stand-in AWS: who, which fault, may they, what answer."""

import json
from collections.abc import Callable
from datetime import datetime
from time import sleep
from typing import Any

from nhiscan_sandbox.aws import cloudtrail, iam, organizations, permissions, regional, regions, sts
from nhiscan_sandbox.aws.callers import Caller, Callers
from nhiscan_sandbox.aws.cloudtrail import Trail
from nhiscan_sandbox.aws.identify import Asked, identify
from nhiscan_sandbox.aws.moto import Moto
from nhiscan_sandbox.aws.organizations import Organizations
from nhiscan_sandbox.aws.report import Reports
from nhiscan_sandbox.aws.wire import Refusal, render, render_refusal
from nhiscan_sandbox.calls import Call, CallLog, arrived
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.model import Account, Estate
from nhiscan_sandbox.faults import Fault, Faults
from nhiscan_sandbox.http import Cut, Reply, Request

# Replies to these depend on nothing but the estate and the request.
_REPEATABLE = ("GetAccount", "GetCredentialReport", "List", "Describe", "Lookup")
Handler = Callable[[Asked, Account, Caller], dict[str, Any]]
_BAD_MARKERS: dict[str, Callable[[], Refusal]] = {
    "iam": iam.bad_marker,
    "organizations": organizations.bad_marker,
    "cloudtrail": cloudtrail.bad_marker,
}


class Gateway:
    """Answers requests for all accounts of one estate.

    A role's own policies bind its sessions, but for the roles whose ARNs `unbound` holds.
    `frozen`: nothing in the estate will change, so a reply once made is kept and repeated.
    """

    def __init__(
        self,
        estate: Estate,
        now: datetime,
        *,
        canaries: Canaries,
        frozen: bool = False,
        log: CallLog | None = None,
    ) -> None:
        self.log = CallLog() if log is None else log
        self.faults = Faults()
        self.callers = Callers(frozenset(account.id for account in estate.accounts))
        self.reports = Reports(now)
        self.unbound: set[str] = set()
        self._now = now
        self._accounts = {account.id: account for account in estate.accounts}
        self._organizations = Organizations(estate, now)
        self._trail = Trail(now, canaries)
        self._canaries = canaries
        self._handlers = self._table()
        self._moto = Moto()
        self._kept: dict[str, Reply] | None = {} if frozen else None

    def answer(self, request: Request) -> Reply | Cut:
        """Answer one request, with whatever fault befalls it."""
        asked = identify(request.method, request.target, request.headers, request.body)
        if asked is None:
            return render_refusal("sts", Refusal(403, "MissingAuthenticationToken", "Not signed."))
        call = Call(
            at=arrived(),
            account=None,
            region=asked.region,
            service=asked.service,
            operation=asked.operation,
            permission=permissions.permission(asked.service, asked.operation),
        )
        self.log.add(call)
        try:
            reply = self._answer(request, asked, call)
        except Refusal as refusal:
            reply = render_refusal(asked.service, refusal)
        if isinstance(reply, Reply):
            call.status = reply.status
        self.log.answered(call)
        return reply

    def _answer(self, request: Request, asked: Asked, call: Call) -> Reply | Cut:
        caller = self.callers.find(asked.key)
        asked_of = sts.target(asked) if asked.operation == "AssumeRole" else caller.account
        call.account, call.caller = asked_of, caller.arn
        fault = self.faults.hit(
            asked_of, asked.region, asked.service, asked.operation, paged=asked.marker is not None
        )
        call.fault = fault.kind if fault else None
        if fault is None:
            return self._permitted(request, asked, caller)
        if fault.kind == "reset":
            return Cut()
        if fault.kind == "slow":
            sleep(fault.seconds)
        elif fault.kind != "truncate":
            raise refusal_of(fault, asked, caller)
        reply = self._permitted(request, asked, caller)
        return Cut(reply, fault.keep) if fault.kind == "truncate" else reply

    def _permitted(self, request: Request, asked: Asked, caller: Caller) -> Reply:
        account = self._accounts[caller.account]
        regions.require_on(asked, account)
        if asked.operation != "AssumeRole" and caller.role_arn not in self.unbound:
            permissions.require(caller, asked.service, asked.operation)
        kept = self._kept if asked.operation.startswith(_REPEATABLE) else None
        name = json.dumps([account.id, asked.region, asked.operation, asked.params])
        if kept is not None and name in kept:
            return kept[name]
        result = self._own(asked, account, caller)
        if result is None:
            reply = self._moto.call(request, asked.service, account.id)
        else:
            reply = render(asked.service, asked.operation, result)
        if asked.service != "sts":
            reply = self._canaries.plant(reply)
        if kept is not None and reply.status == 200:
            kept[name] = reply
        return reply

    def _own(self, asked: Asked, account: Account, caller: Caller) -> dict[str, Any] | None:
        """Answer what moto lacks or does otherwise than AWS; null leaves the call to moto."""
        if asked.service == "organizations":
            return self._organizations.answer(asked, account.id)
        handler = self._handlers.get(f"{asked.service}:{asked.operation}")
        if handler is None:
            return None
        from moto.core.exceptions import ServiceException

        try:
            return handler(asked, account, caller)
        except ServiceException as error:
            raise Refusal(400, error.code, error.message) from error

    def _table(self) -> dict[str, Handler]:
        return {
            "sts:AssumeRole": lambda asked, _, by: sts.assume_role(
                asked, by, self.callers, self._now
            ),
            "sts:GetCallerIdentity": lambda _, __, by: sts.caller_identity(by),
            "iam:GetAccountAuthorizationDetails": lambda asked, account, _: (
                iam.authorization_details(asked, account)
            ),
            "iam:GenerateCredentialReport": lambda _, account, __: self.reports.generate(account),
            "iam:GetCredentialReport": lambda _, account, __: self.reports.get(account),
            "iam:ListServiceSpecificCredentials": lambda asked, account, by: (
                iam.service_specific_credentials(asked, account, self._now, by_user=by.user)
            ),
            "iam:GetAccountSummary": lambda _, account, __: iam.account_summary(account),
            "cloudtrail:LookupEvents": lambda asked, account, _: self._trail.lookup(asked, account),
            "secretsmanager:ListSecrets": lambda asked, account, _: regional.list_secrets(
                asked, account, self._now
            ),
            "ssm:DescribeParameters": lambda asked, account, _: regional.describe_parameters(
                asked, account
            ),
            "ec2:DescribeRegions": lambda asked, account, _: regions.describe(asked, account),
        }


def refusal_of(fault: Fault, asked: Asked, caller: Caller) -> Refusal:
    """Make the error that a fault answers with, in the service's own words."""
    action = permissions.permission(asked.service, asked.operation)
    query = asked.service in ("iam", "sts", "ec2")
    match fault.kind:
        case "denied":
            refusal = permissions.denial(asked.service, caller.arn, action, "*", explicit=False)
        case "expired":
            code = "ExpiredToken" if query else "ExpiredTokenException"
            refusal = Refusal(403, code, "The security token included in the request is expired")
        case "throttle":
            usual = {
                "ec2": "RequestLimitExceeded",
                "organizations": "TooManyRequestsException",
                "account": "TooManyRequestsException",
            }
            code = usual.get(asked.service, "Throttling" if query else "ThrottlingException")
            refusal = Refusal(400, code, "Rate exceeded")
        case "bad_marker":
            make = _BAD_MARKERS.get(asked.service)
            refusal = make() if make else regional.bad_marker(asked.service)
        case "region_off":
            refusal = regions.off(asked.service)
        case _:
            refusal = Refusal(fault.status, "InternalFailure", "An internal error has occurred.")
    return Refusal(refusal.status, fault.code or refusal.code, refusal.message)
