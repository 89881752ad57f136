"""Makes botocore clients cheaply and safely: one session per process and profile, text times.

botocore only: boto3 adds resources that are not used here.
"""

from collections.abc import Mapping
from threading import Lock
from time import monotonic, sleep
from typing import Any

from msgspec import Struct, field

from nhiscan.errors import ProviderError
from nhiscan_providers.aws.faults import CutReplyError
from nhiscan_providers.aws.options import Options

# The first region of each partition: where its global services and IAM's audit events are.
HOMES: Mapping[str, str] = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
}

_RATES = {"cloudtrail": 1.8, "iam": 10.0, "organizations": 8.0, "sts": 20.0}


class Patience(Struct, frozen=True, kw_only=True):
    """How long to wait and how often to try; times in seconds.

    `attempts` are botocore's for throttling, 5xx and lost connections, `again` ours for replies
    cut short, which botocore does not try again. `rates` are calls per second to one account by
    service. LookupEvents is limited to 2 a second (CloudTrail API reference); the other numbers
    keep well under what IAM, STS and Organizations are known to bear, which AWS does not publish.
    """

    attempts: int = 8
    connect: float = 5.0
    read: float = 60.0
    again: int = 5
    pause: float = 0.5
    longest_pause: float = 8.0
    report_polls: int = 30
    report_pause: float = 2.0
    rates: Mapping[str, float] = field(default_factory=lambda: dict(_RATES))
    rate: float = 10.0


class Pace:
    """Spaces calls evenly, at most `rate` a second, across threads."""

    def __init__(self, rate: float) -> None:
        self._every = 1 / rate
        self._next = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Return when the next call may start."""
        with self._lock:
            now = monotonic()
            start = max(now, self._next)
            self._next = start + self._every
        if start > now:
            sleep(start - now)


class Keys(Struct, frozen=True):
    """Credentials of an assumed role, and when to renew them (seconds of the monotonic clock)."""

    access: str
    secret: str
    token: str
    renew_at: float

    def __repr__(self) -> str:
        return "Keys(…)"


class Wire:
    """Shares one data loader and one session per profile between all accounts of a process."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.assuming = Pace(patience.rates.get("sts", patience.rate))
        self._sessions: dict[str | None, Any] = {}
        self._loader: Any = None
        self._lock = Lock()

    def client(self, options: Options, service: str, region: str, keys: Keys | None) -> Any:
        """Make a client of a service; without keys it has the entry's own credentials."""
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        patience = self.patience
        given = (
            {
                "aws_access_key_id": keys.access,
                "aws_secret_access_key": keys.secret,
                "aws_session_token": keys.token,
            }
            if keys
            else {}
        )
        config = Config(
            retries={"mode": "standard", "total_max_attempts": patience.attempts},
            connect_timeout=patience.connect,
            read_timeout=patience.read,
            parameter_validation=False,
            user_agent_extra="nhiscan",
        )
        with self._lock:
            try:
                return self._session(options.profile).create_client(
                    service,
                    region_name=region,
                    endpoint_url=options.endpoint,
                    verify=options.ca_file(),
                    config=config,
                    **given,
                )
            except BotoCoreError as error:
                raise ProviderError(f"aws: {error}", state="denied") from None

    def home(self, options: Options) -> str:
        """Name the first region of the entry's partition, as far as the entry tells it."""
        role = options.role
        partition = role.partition if role else self._partition(options)
        return HOMES.get(partition, HOMES["aws"])

    def regions(self, options: Options, service: str, partition: str) -> tuple[str, ...]:
        """List the regions in which botocore knows the service to exist."""
        with self._lock:
            session = self._session(options.profile)
            return tuple(session.get_available_regions(service, partition))

    def serves(self, options: Options, service: str, region: str, partition: str) -> bool:
        """Tell whether botocore knows the service to exist in the region, or knows neither."""
        with self._lock:
            session = self._session(options.profile)
            listed = session.get_available_regions(service, partition)
            reference = session.get_available_regions("ec2", partition)
        return region in listed or region not in reference or not listed

    def _partition(self, options: Options) -> str:
        with self._lock:
            session = self._session(options.profile)
            region = (
                options.regions[0] if options.regions else session.get_config_variable("region")
            )
            known: str = session.get_partition_for_region(region) if region else "aws"
        return known

    def _session(self, profile: str | None) -> Any:
        """Return the session of a profile; the caller holds the lock."""
        import botocore.session
        from botocore.exceptions import ProfileNotFound
        from botocore.handlers import json_decode_policies

        if profile in self._sessions:
            return self._sessions[profile]
        session = botocore.session.Session(profile=profile)
        if self._loader is None:
            self._loader = session.get_component("data_loader")
        else:
            session.register_component("data_loader", self._loader)
        factory = session.get_component("response_parser_factory")
        factory.set_parser_defaults(timestamp_parser=_as_sent)
        session.register("before-parse", _whole)
        # policies stay text: most are equal to one already read, and need no second reading
        session.unregister("after-call.iam", json_decode_policies)
        try:
            session.get_scoped_config()
        except ProfileNotFound as error:
            raise ProviderError(f"aws: {error}", hint="see `aws configure list-profiles`") from None
        self._sessions[profile] = session
        return session


def _as_sent(value: Any) -> Any:
    """Leave times as they were sent; dateutil would take half of all parsing."""
    return value


def _whole(response_dict: Mapping[str, Any], **_: object) -> None:
    """Refuse a body that is shorter than its Content-Length; botocore parses it as it is."""
    said = response_dict["headers"].get("content-length")
    body = response_dict["body"]
    if said is not None and said.isdigit() and isinstance(body, bytes) and len(body) < int(said):
        raise CutReplyError
