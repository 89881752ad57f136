"""The gRPC surface: google.iam.admin.v1.IAM, the only one of our APIs without REST clients."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nhiscan_sandbox.gcp.gateway import Broken, Gateway
from nhiscan_sandbox.gcp.methods import Method, iam_method
from nhiscan_sandbox.gcp.pages import Asked
from nhiscan_sandbox.gcp.wire import Problem, Refusal, grpc_status, refuse

_SERVICE = "google.iam.admin.v1.IAM"
_METHODS = (
    "ListServiceAccounts",
    "GetServiceAccount",
    "ListServiceAccountKeys",
    "GetServiceAccountKey",
    "GetIamPolicy",
    "TestIamPermissions",
    "ListRoles",
    "GetRole",
)
_WORKERS = 8


class Rpc:
    """A gRPC server on 127.0.0.1, on a port that the system chooses."""

    def __init__(self, gateway: Gateway) -> None:
        import grpc

        self._gateway = gateway
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sandbox-grpc")
        self._server = grpc.server(self._workers)
        handlers = {name: self._handler(name) for name in _METHODS}
        service = grpc.method_handlers_generic_handler(_SERVICE, handlers)
        self._server.add_generic_rpc_handlers((service,))
        self.crashes: list[str] = []
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self) -> None:
        """Stop, cut what is still open, and wait for the threads."""
        self._server.stop(None).wait()
        self._workers.shutdown()

    def _handler(self, name: str) -> Any:
        import grpc

        asked_type, answer_type = _types(name)

        def call(request: Any, context: Any) -> Any:
            answer = self._answer(name, _fields(request), context)
            return _made(answer_type, answer)

        return grpc.unary_unary_rpc_method_handler(
            call, request_deserializer=_reader(asked_type), response_serializer=_writer(answer_type)
        )

    def _answer(self, name: str, fields: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            target = str(fields.pop("name", "") or fields.pop("resource", ""))
            target = target or str(fields.get("parent", ""))
            asked = Asked(service="iam", operation=name, target=target, params=fields)
            method = _method(name, target)
            metadata = {key.lower(): value for key, value in context.invocation_metadata()}
            scheme, _, token = str(metadata.get("authorization", "")).partition(" ")
            asked.token = token if scheme else None
            asked.quota_project = metadata.get("x-goog-user-project")
            answer = self._gateway.answer(asked, method)
            if asked.cut is not None:
                raise refuse("INTERNAL", "Received RST_STREAM with error code 2")
            return answer
        except Refusal as refusal:
            context.abort_with_status(grpc_status(refusal.problem))
        except Broken:
            # What a client's own library says of a connection that was cut.
            problem = Problem(code="UNAVAILABLE", message="Connection reset by peer")
            context.abort_with_status(grpc_status(problem))
        except Exception as error:
            self.crashes.append(repr(error))
            raise
        raise AssertionError("abort_with_status returned")


def _method(name: str, target: str) -> Method:
    if name == "ListRoles" and not target:
        return Method("iam", name, "GET", "v1/roles")
    method = iam_method(name, target)
    if method is None:
        raise refuse("INVALID_ARGUMENT", f"Invalid resource name {target!r}.")
    return method


def _types(name: str) -> tuple[Any, Any]:
    from google.cloud import iam_admin_v1
    from google.iam.v1 import iam_policy_pb2, policy_pb2

    answers = {
        "GetServiceAccount": iam_admin_v1.ServiceAccount,
        "GetServiceAccountKey": iam_admin_v1.ServiceAccountKey,
        "GetRole": iam_admin_v1.Role,
    }
    if name == "GetIamPolicy":
        return iam_policy_pb2.GetIamPolicyRequest, policy_pb2.Policy
    if name == "TestIamPermissions":
        return iam_policy_pb2.TestIamPermissionsRequest, iam_policy_pb2.TestIamPermissionsResponse
    answer = answers.get(name) or getattr(iam_admin_v1, f"{name}Response")
    return getattr(iam_admin_v1, f"{name}Request"), answer


def _raw(kind: Any) -> Any:
    """Return the generated class below a wrapped one."""
    return kind.pb() if hasattr(kind, "pb") else kind


def _reader(kind: Any) -> Callable[[bytes], Any]:
    parse: Callable[[bytes], Any] = _raw(kind).FromString
    return parse


def _writer(kind: Any) -> Callable[[Any], bytes]:
    write: Callable[[Any], bytes] = _raw(kind).SerializeToString
    return write


def _fields(request: Any) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToJson

    read: dict[str, Any] = json.loads(MessageToJson(request))
    return read


def _made(kind: Any, answer: dict[str, Any]) -> Any:
    """Make the reply from its JSON; what gRPC's messages lack (`disableReason` …) is left out."""
    from google.protobuf.json_format import ParseDict

    return ParseDict(answer, _raw(kind)(), ignore_unknown_fields=True)
