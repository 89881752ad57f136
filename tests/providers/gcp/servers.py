"""Serves a small Google over HTTP and gRPC on loopback."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from google.cloud.iam_admin_v1 import ListServiceAccountsRequest, ListServiceAccountsResponse
from google.iam.v1.iam_policy_pb2 import GetIamPolicyRequest
from google.iam.v1.policy_pb2 import Policy

from tests.providers.gcp.google import Google


class Servers:
    """Both servers of one Google."""

    def __init__(self, google: Google) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null")
                status, reply = google.answer(self.command, self.path, body)
                data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _answer  # noqa: N815 the names that http.server looks for

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        self._grpc = grpc.server(ThreadPoolExecutor(2))
        self._grpc.add_generic_rpc_handlers((_handler(google),))
        self._port = self._grpc.add_insecure_port("127.0.0.1:0")
        self._grpc.start()

    @property
    def endpoint(self) -> dict[str, str]:
        """Where the servers are, as an entry writes it."""
        return {
            "grpc": f"127.0.0.1:{self._port}",
            "rest": f"http://127.0.0.1:{self._http.server_port}",
        }

    def close(self) -> None:
        """Stop both servers."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self._grpc.stop(None).wait()


def _handler(google: Google) -> Any:
    methods = {
        "ListServiceAccounts": grpc.unary_unary_rpc_method_handler(
            google.rpc_accounts,
            request_deserializer=ListServiceAccountsRequest.deserialize,
            response_serializer=ListServiceAccountsResponse.serialize,
        ),
        "GetIamPolicy": grpc.unary_unary_rpc_method_handler(
            google.rpc_policy,
            request_deserializer=GetIamPolicyRequest.FromString,
            response_serializer=Policy.SerializeToString,
        ),
    }
    return grpc.method_handlers_generic_handler("google.iam.admin.v1.IAM", methods)
