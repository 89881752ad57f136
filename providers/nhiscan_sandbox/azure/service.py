"""The running stand-in for Microsoft, and the switches that tests turn."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nhiscan_sandbox.azure.certificates import certify
from nhiscan_sandbox.azure.cloud import Cloud
from nhiscan_sandbox.azure.gateway import Gateway
from nhiscan_sandbox.azure.quirks import Quirks
from nhiscan_sandbox.calls import CallLog
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.azure_model import Directory
from nhiscan_sandbox.faults import Faults
from nhiscan_sandbox.http import Server


class Microsoft:
    """Entra ID, Graph and Resource Manager of an estate's directories, on one TLS server."""

    def __init__(
        self,
        directories: tuple[Directory, ...],
        now: datetime,
        *,
        canaries: Canaries,
        log: CallLog,
        faults: Faults,
    ) -> None:
        self._cloud = Cloud(directories, now, canaries)
        self._gateway = Gateway(self._cloud, canaries, log, faults)
        self._folder: TemporaryDirectory[str] | None = None
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Return the one base URL; it is known while the sandbox runs."""
        return self._gateway.base

    @property
    def ca_file(self) -> Path:
        """Return the certificate authority's file; it exists while the sandbox runs."""
        if self._folder is None:
            raise ValueError("the sandbox does not run")
        return Path(self._folder.name, "ca.pem")

    @property
    def quirks(self) -> Quirks:
        """Return the switches for page sizes and budgets."""
        return self._gateway.quirks

    @property
    def crashes(self) -> list[str]:
        """Return the stand-in's own failures so far."""
        return self._server.crashes if self._server else []

    def start(self) -> None:
        """Make certificates and begin to answer."""
        self._folder = TemporaryDirectory(prefix="nhiscan-sandbox-")
        _, context = certify(Path(self._folder.name))
        self._server = Server(self._gateway.answer, context)
        self._gateway.base = self._server.url
        self._server.start()

    def stop(self) -> None:
        """Stop, and take the certificates away."""
        if self._server is not None:
            self._server.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def secret(self, app_id: str) -> str:
        """Return the client secret that an application signs in with."""
        return self._cloud.secret(app_id)

    def expired_secret(self, app_id: str) -> str:
        """Return a client secret that was good once."""
        return self._cloud.expired_secret(app_id)

    def consented(self, directory: str, app_id: str) -> frozenset[str]:
        """Return the permissions of Graph that an application holds in a directory."""
        return self._cloud.consented(directory, app_id)

    def consent(self, directory: str, app_id: str, *roles: str) -> None:
        """Make `roles` all permissions of Graph that an application holds in a directory."""
        self._cloud.consent(directory, app_id, frozenset(roles))

    def allow(self, directory: str, app_id: str, *actions: str) -> None:
        """Make `actions` all that an application may do in a directory's Azure."""
        self._cloud.allow(directory, app_id, actions)

    def reset(self) -> None:
        """Put consent, rights and switches back as the estate has them."""
        self._cloud.reset()
        self.quirks.reset()
