"""The way of one request through the stand-in Microsoft: who, which fault, may they, what."""

from collections.abc import Mapping
from time import sleep
from typing import Any

import msgspec

from nhiscan_sandbox.azure import entra, permissions
from nhiscan_sandbox.azure.arm import Arm
from nhiscan_sandbox.azure.asking import Asking, elsewhere, understand
from nhiscan_sandbox.azure.cloud import Cloud
from nhiscan_sandbox.azure.graph import Asker, Graph
from nhiscan_sandbox.azure.mishaps import change, refusal_of
from nhiscan_sandbox.azure.quirks import Quirks, cost
from nhiscan_sandbox.azure.tokens import read
from nhiscan_sandbox.azure.wire import Json, Refusal, refuse, render
from nhiscan_sandbox.calls import Call, CallLog, arrived
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.faults import Fault, Faults
from nhiscan_sandbox.http import Cut, Reply, Request

_BATCH = 20


class Gateway:
    """Answers requests for all directories of one estate. `base` is its URL, once it is known."""

    def __init__(self, cloud: Cloud, canaries: Canaries, log: CallLog, faults: Faults) -> None:
        self.base = ""
        self.quirks = Quirks()
        self.cloud = cloud
        self._log = log
        self._faults = faults
        self._canaries = canaries
        self._graph = Graph(cloud, self.quirks)
        self._arm = Arm(cloud.inventories, self.quirks)

    def answer(self, request: Request) -> Reply | Cut:
        """Answer one request, with whatever fault befalls it."""
        asking = understand(request.method, request.target, request.headers, request.body)
        call = self._logged(asking, inner=False)
        fault: Fault | None = None
        try:
            self._identify(asking, call)
            fault = self._fault(asking, call)
            if fault is not None and fault.kind == "reset":
                return Cut()
            reply = self._reply(asking, call, fault)
        except Refusal as refusal:
            reply = refuse(asking.service, refusal)
        call.status = reply.status
        self._log.answered(call)
        return Cut(reply, fault.keep) if fault and fault.kind == "truncate" else reply

    def _reply(self, asking: Asking, call: Call, fault: Fault | None) -> Reply:
        headers: dict[str, str] = {"request-id": f"sandbox-{len(self._log)}"}
        if asking.operation == "BatchGet":
            return render(self._batch(asking, fault, call), 200, headers)
        body = self._body(asking, call, fault)
        if call.units is not None:
            headers["x-ms-resource-unit"] = str(call.units)
        if asking.operation == "SearchResources":
            headers |= {
                "x-ms-user-quota-remaining": "14",
                "x-ms-user-quota-resets-after": "00:00:05",
            }
        return render(body, 200, headers)

    def _body(self, asking: Asking, call: Call, fault: Fault | None) -> Json:
        """Make the body of one answer, inner or outer; Refusal if there is none."""
        if fault is not None:
            self._befall(fault, asking)
        if asking.service == "entra":
            return self._entra(asking)
        body = self._graph_body(asking, call) if asking.graph else self._arm_body(asking)
        if asking.service == "graph":
            self._canaries.plant_rows(body)
        return change(fault, body, self.base) if fault else body

    def _befall(self, fault: Fault, asking: Asking) -> None:
        if fault.kind == "slow":
            sleep(fault.seconds)
        elif fault.kind not in ("truncate", "foreign_link"):
            raise refusal_of(fault, asking)

    def _logged(self, asking: Asking, *, inner: bool) -> Call:
        call = Call(
            at=arrived(),
            account=asking.directory,
            region=None,
            service=asking.service if asking.operation != "Elsewhere" else "elsewhere",
            operation=asking.operation,
            permission=(
                permissions.needed(asking.operation)
                if asking.graph
                else (asking.place.action if asking.place else "")
            ),
            inner=inner,
            authorized=bool(asking.authorization),
        )
        self._log.add(call)
        return call

    def _identify(self, asking: Asking, call: Call) -> None:
        """Find who asks; without a token for this audience, nobody gets further."""
        if asking.service == "entra":
            return
        if elsewhere(asking):
            raise Refusal(404, "NotFound", "There is nothing here.")
        bearer = read(asking.authorization)
        wanted = (
            "https://graph.microsoft.com"
            if asking.service == "graph"
            else ("https://management.azure.com")
        )
        if (
            bearer is None
            or bearer.audience != wanted
            or bearer.directory not in (self.cloud.tenants)
        ):
            raise Refusal(401, "InvalidAuthenticationToken", "Access token validation failure.")
        asking.bearer = bearer
        call.account, call.caller = bearer.directory, bearer.app_id
        if asking.graph is None and asking.place is None:
            what = asking.query.path
            if asking.service == "graph":
                message = f"Resource not found for the segment in '{what}'."
                raise Refusal(400, "BadRequest", message)
            raise Refusal(404, "InvalidResourceType", f"'{what}' could not be found.")

    def _fault(self, asking: Asking, call: Call) -> Fault | None:
        paged = asking.query.token is not None or b"$skipToken" in asking.body
        fault = self._faults.hit(call.account, None, asking.service, asking.operation, paged=paged)
        call.fault = fault.kind if fault else None
        return fault

    def _entra(self, asking: Asking) -> Json:
        directory = str(asking.directory)
        if asking.operation == "GetOpenIdConfiguration":
            if directory not in self.cloud.tenants:
                text = f"AADSTS90002: Tenant '{directory}' not found."
                raise Refusal(400, "invalid_tenant", text)
            return entra.discovery(self.base, directory)
        return entra.token(self.cloud, directory, asking.body)

    def _graph_body(self, asking: Asking, call: Call) -> Json:
        bearer, graph = asking.bearer, asking.graph
        if bearer is None or graph is None:
            raise Refusal(401, "InvalidAuthenticationToken", "There is no token.")
        call.units = cost(asking.query.path, asking.query.values)
        self.quirks.charge(bearer.directory, bearer.app_id, graph.operation, call.units)
        asker = Asker(
            tenant=self.cloud.tenants[bearer.directory],
            app_id=bearer.app_id,
            roles=self.cloud.consented(bearer.directory, bearer.app_id),
            base=self.base,
        )
        return self._graph.answer(graph, asking.query, asker)

    def _arm_body(self, asking: Asking) -> Json:
        bearer, place = asking.bearer, asking.place
        if bearer is None or place is None:
            raise Refusal(401, "InvalidAuthenticationToken", "There is no token.")
        rights = self.cloud.rights(bearer.directory, bearer.app_id, bearer.principal)
        return self._arm.answer(
            place, asking.query, asking.body, rights, self.base, bearer.directory
        )

    def _batch(self, asking: Asking, fault: Fault | None, call: Call) -> Json:
        """Answer each request of a batch by itself, in another order than they came."""
        if fault is not None:
            self._befall(fault, asking)
        try:
            requests = msgspec.json.decode(asking.body, type=dict[str, list[dict[str, Any]]])
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise Refusal(400, "BadRequest", "Invalid batch payload format.") from None
        asked = requests.get("requests", [])
        if not asked or len(asked) > _BATCH:
            message = "Number of batch request steps exceeds the maximum value of 20."
            raise Refusal(400, "BadRequest", message)
        version = asking.query.path.strip("/").partition("/")[0]
        answers = [self._inner(asking, version, one) for one in asked]
        if self.quirks.shuffle:
            answers = [*answers[1::2], *answers[::2]]
        return {"responses": answers}

    def _inner(self, outer: Asking, version: str, one: Mapping[str, Any]) -> Json:
        headers = {name.lower(): text for name, text in (one.get("headers") or {}).items()}
        headers["authorization"] = outer.authorization
        target = f"/{version}/{str(one.get('url', '')).lstrip('/')}"
        asking = understand(str(one.get("method", "GET")), target, headers, b"")
        call = self._logged(asking, inner=True)
        status, answered, body = 200, {"Content-Type": "application/json"}, {}
        try:
            self._identify(asking, call)
            fault = self._fault(asking, call)
            if fault is not None and fault.kind in ("reset", "truncate"):
                raise Refusal(504, "GatewayTimeout", "The request timed out.")
            body = self._body(asking, call, fault)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body("graph")
            answered |= refusal.headers
        call.status = status
        self._log.answered(call)
        return {"id": str(one.get("id")), "status": status, "headers": answered, "body": body}
