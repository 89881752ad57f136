"""Signs in and builds pipelines: one set of policies for Graph, Resource Manager and sign-in."""

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from nhiscan.errors import ProviderError
from nhiscan_providers.azure.options import Options
from nhiscan_providers.azure.patience import Patience

if TYPE_CHECKING:
    from azure.core.pipeline.transport import RequestsTransport

# Credentials kept for entries met again: a token serves every unit and API of its directory.
_KEPT = 8


class Wire:
    """What all units of a process share: patience, and the credentials used last."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._credentials: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def transport(self, options: Options) -> "RequestsTransport":
        """Open connections of one's own for one directory; the caller closes them."""
        from azure.core.pipeline.transport import RequestsTransport

        patience = self.patience
        return RequestsTransport(
            connection_timeout=patience.connect,
            read_timeout=patience.read,
            connection_verify=options.file("ca") or True,
        )

    def credential(self, options: Options) -> Any:
        """Return the entry's credential; it fetches no token before it is asked for one."""
        key = repr(options)
        with self._lock:
            if key not in self._credentials:
                self._credentials[key] = _credential(options, self.patience)
            self._credentials.move_to_end(key)
            while len(self._credentials) > _KEPT:
                self._credentials.popitem(last=False)
            return self._credentials[key]


class Lent:
    """Lends one transport to several pipelines: none of them may close it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.send = transport.send
        self.sleep = transport.sleep

    def __enter__(self) -> "Lent":
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the transport open for the others."""

    def open(self) -> None:
        """Open the connections, if they are not open yet."""
        self._transport.open()

    def close(self) -> None:
        """Leave the transport open for the others."""


def _credential(options: Options, patience: Patience) -> Any:
    """Build the azure-identity credential that an entry asks for."""
    _silence()
    from azure import identity

    given = _given(options, patience)
    client = options.client_id or ""  # with a secret or a certificate there always is one
    try:
        if options.client_secret is not None:
            return identity.ClientSecretCredential(
                client_id=client, client_secret=options.client_secret.reveal(), **given
            )
        if options.certificate is not None:
            password = options.certificate_password
            return identity.CertificateCredential(
                client_id=client,
                certificate_path=options.file("certificate"),
                password=password.reveal() if password else None,
                **given,
            )
        if options.federated_token is not None:
            return identity.WorkloadIdentityCredential(
                client_id=options.client_id,
                token_file_path=options.file("federated_token"),
                **given,
            )
        return _default(options, given)
    except (ValueError, OSError) as error:
        # the text of such an error may quote the file; its type says enough
        what = "certificate" if options.certificate else "credential"
        raise ProviderError(
            f"azure: the {what} cannot be used ({type(error).__name__})",
            state="denied",
            hint="a PEM file with the certificate and its unencrypted private key, or a PFX file",
        ) from None


def _default(options: Options, given: dict[str, Any]) -> Any:
    """Build the SDK's own chain, without what would ask a person or another machine's metadata."""
    from azure import identity

    tenant = given.pop("tenant_id")
    given.pop("retry_policy_class")  # its managed identity brings one of its own
    return identity.DefaultAzureCredential(
        exclude_interactive_browser_credential=True,
        exclude_shared_token_cache_credential=True,
        exclude_visual_studio_code_credential=True,
        managed_identity_client_id=options.client_id,
        workload_identity_client_id=options.client_id,
        workload_identity_tenant_id=tenant,
        **given,
    )


def _given(options: Options, patience: Patience) -> dict[str, Any]:
    from nhiscan_providers.azure.policies import Patient

    public = options.endpoint is None
    return {
        "tenant_id": options.directory,
        "authority": options.cloud.authority,
        "additionally_allowed_tenants": ["*"] if options.map else [],
        # Whoever names an endpoint means it: nobody else is asked whether it is a real authority.
        "disable_instance_discovery": not public,
        "connection_verify": options.file("ca") or True,
        "connection_timeout": patience.connect,
        "read_timeout": patience.read,
        "retry_policy_class": lambda **_: Patient(patience),
    }


def _silence() -> None:
    """Keep azure-identity from logging refused sign-ins: their texts quote what was sent."""
    import logging

    for name in ("azure.identity", "azure.core", "msal"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
