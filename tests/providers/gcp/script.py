"""A scripted Google on loopback: answers in the order given, over HTTP and gRPC, and counts."""

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import grpc
from google.cloud.iam_admin_v1 import (
    ListServiceAccountsRequest,
    ListServiceAccountsResponse,
    ServiceAccount,
)
from google.protobuf.any_pb2 import Any as AnyProto
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status.rpc_status import to_status

RPC = "type.googleapis.com/google.rpc."


class Answer(NamedTuple):
    """One reply: a body, or the whole text of a broken one; `cut` sends half and hangs up."""

    body: Any = None
    status: int = 200
    text: str | None = None
    cut: bool = False
    headers: tuple[tuple[str, str], ...] = ()


def error(
    http: int, status: str, reason: str = "", metadata: dict[str, str] | None = None, **more: Any
) -> Answer:
    """Make an error as AIP-193 has it; `delay` adds RetryInfo, `perimeter` a VPC-SC violation."""
    details: list[dict[str, Any]] = []
    if reason:
        info = {"reason": reason, "domain": "googleapis.com", "metadata": metadata or {}}
        details.append({"@type": RPC + "ErrorInfo", **info})
    if "delay" in more:
        details.append({"@type": RPC + "RetryInfo", "retryDelay": f"{more['delay']}s"})
    if more.get("perimeter"):
        violation = {"type": "VPC_SERVICE_CONTROLS", "description": "sealed: x"}
        details.append({"@type": RPC + "PreconditionFailure", "violations": [violation]})
    said = {"code": http, "status": status, "message": "secret text", "details": details}
    return Answer({"error": said}, http)


class Script:
    """Both servers; `answers` are used up in order, `rpcs` likewise for ListServiceAccounts."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.rpcs: list[Any] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[Any] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                script._reply(self)

            do_GET = do_POST = _answer  # noqa: N815 the names that http.server looks for

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self._grpc = grpc.server(ThreadPoolExecutor(2))
        self._grpc.add_generic_rpc_handlers((self._handler(),))
        self._port = self._grpc.add_insecure_port("127.0.0.1:0")
        self._grpc.start()

    @property
    def rest(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def grpc(self) -> str:
        """The address."""
        return f"127.0.0.1:{self._port}"

    def close(self) -> None:
        """Stop both servers."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._grpc.stop(None).wait()

    def _reply(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        self.bodies.append(json.loads(handler.rfile.read(length) or b"null"))
        self.seen.append((handler.command, handler.path, dict(handler.headers)))
        answer = self.answers.pop(0)
        data = (answer.text if answer.text is not None else json.dumps(answer.body)).encode()
        handler.send_response(answer.status)
        for name, value in answer.headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2] if answer.cut else data)
        if answer.cut:
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True

    def _handler(self) -> Any:
        def answer(request: Any, context: Any) -> Any:
            self.seen.append(("RPC", request.name, dict(context.invocation_metadata())))
            given = self.rpcs.pop(0)
            if isinstance(given, Status):
                context.abort_with_status(to_status(given))
            return given

        return grpc.method_handlers_generic_handler(
            "google.iam.admin.v1.IAM",
            {
                "ListServiceAccounts": grpc.unary_unary_rpc_method_handler(
                    answer,
                    request_deserializer=ListServiceAccountsRequest.deserialize,
                    response_serializer=ListServiceAccountsResponse.serialize,
                )
            },
        )


def accounts(*names: str, token: str = "") -> Any:
    """Make a page of service accounts."""
    rows = [
        ServiceAccount(email=f"{name}@p1.iam.gserviceaccount.com", unique_id=f"1{name}")
        for name in names
    ]
    return ListServiceAccountsResponse(accounts=rows, next_page_token=token)


def rpc_error(code: int, reason: str = "", delay: float | None = None, **metadata: str) -> Status:
    """Make a gRPC status with typed details."""
    status = Status(code=code, message="secret text")
    details: list[Any] = []
    if reason:
        details.append(ErrorInfo(reason=reason, domain="googleapis.com", metadata=metadata))
    if delay is not None:
        span = Duration()
        span.FromMilliseconds(int(delay * 1000))
        details.append(RetryInfo(retry_delay=span))
    for one in details:
        packed = AnyProto()
        packed.Pack(one)
        status.details.append(packed)
    return status
