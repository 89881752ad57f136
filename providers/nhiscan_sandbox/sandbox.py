"""The sandbox: an estate, served on loopback for as long as a `with` block lasts."""

from datetime import UTC, datetime
from os import devnull, environ
from pathlib import Path
from types import TracebackType

from nhiscan_sandbox.aws.callers import Caller, role
from nhiscan_sandbox.aws.gateway import Gateway
from nhiscan_sandbox.aws.report import Reports
from nhiscan_sandbox.aws.seed import clear, seed
from nhiscan_sandbox.aws.seed_iam import document
from nhiscan_sandbox.aws.sts import issue
from nhiscan_sandbox.azure.service import Microsoft
from nhiscan_sandbox.calls import CallLog
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.load import sample
from nhiscan_sandbox.estate.model import Estate, Statement
from nhiscan_sandbox.faults import Faults
from nhiscan_sandbox.gcp.service import Google
from nhiscan_sandbox.http import Server
from nhiscan_sandbox.project.write import SCANNER, MicrosoftAccess


class Sandbox:
    """Stand-in clouds holding `estate` (default: the sample) as of `now` (default: NHISCAN_NOW).

    `canaries` plants secrets in every reply that could carry one. `frozen` promises that nothing
    will change the estate, so that replies are made once. `log_file` gets a line of JSON for each
    call that was answered. Two sandboxes of one process must not hold the same account: moto keeps
    its data once per process.
    """

    def __init__(
        self,
        estate: Estate | None = None,
        *,
        now: datetime | None = None,
        canaries: bool = False,
        frozen: bool = False,
        log_file: Path | None = None,
    ) -> None:
        self.estate = estate or sample()
        self.now = now or _now()
        self._canaries = Canaries(on=canaries)
        self._gateway = Gateway(
            self.estate,
            self.now,
            canaries=self._canaries,
            frozen=frozen,
            log=CallLog(log_file),
        )
        self._microsoft = self._stand_in_for_microsoft()
        self._google = self._stand_in_for_google()
        self._server = Server(self._gateway.answer)
        self._admit_base()

    def __enter__(self) -> "Sandbox":
        seed(self.estate, self.now)
        self._server.start()
        if self._microsoft is not None:
            self._microsoft.start()
        if self._google is not None:
            self._google.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._google is not None:
            self._google.stop()
        if self._microsoft is not None:
            self._microsoft.stop()
        self._server.stop()
        clear(self.estate)

    @property
    def url(self) -> str:
        """Return the one base URL of all AWS services."""
        return self._server.url

    @property
    def gcp(self) -> Google:
        """Return the stand-in for Google; ValueError if the estate has nothing there."""
        if self._google is None:
            raise ValueError("the estate has no Google organizations or projects")
        return self._google

    @property
    def gcp_endpoint(self) -> dict[str, str] | None:
        """Return the addresses of Google's gRPC and REST APIs; null if the estate has none."""
        return self._google.endpoint if self._google else None

    @property
    def azure(self) -> Microsoft:
        """Return the stand-in for Microsoft; ValueError if the estate has no directories."""
        if self._microsoft is None:
            raise ValueError("the estate has no directories")
        return self._microsoft

    @property
    def azure_url(self) -> str | None:
        """Return the one base URL of all Microsoft services; null if the estate has none."""
        return self._microsoft.url if self._microsoft else None

    @property
    def ca_file(self) -> Path | None:
        """Return the certificate authority that vouches for it."""
        return self._microsoft.ca_file if self._microsoft else None

    def microsoft_access(self) -> MicrosoftAccess | None:
        """Return how the sample project reaches the directories; null if the estate has none."""
        if self._microsoft is None:
            return None
        return MicrosoftAccess(
            url=self._microsoft.url,
            ca_file=self._microsoft.ca_file,
            secret=self._microsoft.secret(SCANNER),
        )

    @property
    def log(self) -> CallLog:
        """Return the log of all calls."""
        return self._gateway.log

    @property
    def faults(self) -> Faults:
        """Return the faults in force; change them at any time."""
        return self._gateway.faults

    @property
    def reports(self) -> Reports:
        """Return the state of the credential reports."""
        return self._gateway.reports

    @property
    def canaries(self) -> tuple[str, ...]:
        """Return what must be found in nothing that a scan leaves behind."""
        return self._canaries.values

    @property
    def crashes(self) -> list[str]:
        """Return the sandbox's own failures so far; there should be none."""
        others = (self._microsoft, self._google)
        return [*self._server.crashes, *(c for one in others if one for c in one.crashes)]

    @property
    def environment(self) -> dict[str, str]:
        """Return the AWS SDK's variables for a session of the estate's base role, if it has one."""
        return _environment(self._base_caller()) if self.estate.base_role else {}

    def admin(self, account: str) -> dict[str, str]:
        """Return environment variables for a session that may do anything in an account."""
        caller = Caller(
            account=account,
            arn=f"arn:aws:sts::{account}:assumed-role/sandbox-admin/test",
            unique_id="AROASANDBOXADMIN:test",
        )
        self._gateway.callers.admit(issue(caller)[0], caller)
        return _environment(caller)

    def enforce(self, role_arn: str, *, on: bool) -> None:
        """Say whether a role's own policies bind its sessions; they do unless switched off."""
        if on:
            self._gateway.unbound.discard(role_arn)
        else:
            self._gateway.unbound.add(role_arn)

    def grant(self, account: str, role_name: str, statements: list[Statement]) -> None:
        """Make `statements` the one and only identity policy of a role."""
        holder = role(account, role_name)
        if holder is None:
            raise KeyError(f"account {account} has no role {role_name}")
        holder.managed_policies.clear()
        holder.policies.clear()
        holder.put_policy("granted", document(statements))

    def reset(self) -> None:
        """Put everything back: the estate as it was, no faults, no log, no reports."""
        seed(self.estate, self.now)
        self.faults.clear()
        self.log.clear()
        self._gateway.unbound.clear()
        if self._microsoft is not None:
            self._microsoft.reset()
        if self._google is not None:
            self._google.reset()
        for account in self.estate.accounts:
            self.reports.expire(account.id)

    def _stand_in_for_google(self) -> Google | None:
        if not (self.estate.google or self.estate.google_projects):
            return None
        return Google(
            self.estate.google,
            self.estate.google_projects,
            self.estate.google_base,
            self.now,
            permissions=self.estate.google_permissions,
            canaries=self._canaries,
            log=self.log,
            faults=self.faults,
        )

    def _stand_in_for_microsoft(self) -> Microsoft | None:
        if not self.estate.directories:
            return None
        return Microsoft(
            self.estate.directories,
            self.now,
            canaries=self._canaries,
            log=self.log,
            faults=self.faults,
        )

    def _admit_base(self) -> None:
        if self.estate.base_role:
            caller = self._base_caller()
            self._gateway.callers.admit(issue(caller)[0], caller)

    def _base_caller(self) -> Caller:
        arn = self.estate.base_role
        if arn is None:
            raise ValueError("the estate names no base_role")
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        return Caller(
            account=account,
            arn=f"arn:aws:sts::{account}:assumed-role/{name}/scanner-host",
            unique_id="AROASANDBOXBASE:scanner-host",
            role=name,
        )


def _environment(caller: Caller) -> dict[str, str]:
    key, secret, token = issue(caller)
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": devnull,
        "AWS_SHARED_CREDENTIALS_FILE": devnull,
        "NO_PROXY": "127.0.0.1",
    }


def _now() -> datetime:
    fixed = environ.get("NHISCAN_NOW")
    return moment(fixed) if fixed else datetime.now(UTC).replace(microsecond=0)


def moment(text: str) -> datetime:
    """Read an ISO 8601 date or time as UTC; ValueError if it is none."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
