"""Calls AWS for one account: paced, counted, renewed, tried again, and only what is listed."""

from collections.abc import Callable
from random import uniform
from time import monotonic, sleep
from typing import Any

from nhiscan.ledger import Meter
from nhiscan_providers.aws.calls import Operation, operation
from nhiscan_providers.aws.faults import EXPIRED, CutReplyError, Fault, fault
from nhiscan_providers.aws.options import Options
from nhiscan_providers.aws.wire import HOMES, Keys, Pace, Wire

# AssumeRole's default; a chained role gets no more (IAM User Guide, "role chaining").
_SESSION_SECONDS = 3600
_RENEW_EARLY = 300


class Access:
    """One account as one role (or as the entry's own credentials) sees it.

    `role_arn` is assumed directly from the entry's credentials, never through another role. Used
    by one thread at a time. `account` is known after `enter`.
    """

    def __init__(self, wire: Wire, options: Options, role_arn: str | None) -> None:
        self.options = options
        self.patience = wire.patience
        self.role_arn = role_arn
        self.account = ""
        self.partition = role_arn.split(":")[1] if role_arn else "aws"
        self.home = HOMES.get(self.partition, HOMES["aws"]) if role_arn else wire.home(options)
        self._wire = wire
        self._keys: Keys | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._paces: dict[tuple[str, str], Pace] = {}
        self._methods: dict[str, str] = {}

    def __enter__(self) -> "Access":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def enter(self, meter: Meter) -> str:
        """Assume the role, ask AWS which account this is, and return its id."""
        if self.role_arn:
            self._assume(meter)
        answer = self.call(meter, "sts", "GetCallerIdentity")
        self.account = str(answer["Account"])
        self.partition = str(answer.get("Arn", "")).partition(":")[2].partition(":")[0] or "aws"
        self.home = HOMES.get(self.partition, self.home)
        return self.account

    def all_regions(self, service: str) -> tuple[str, ...]:
        """List every region in which the service exists, switched on or not."""
        known = self._wire.regions(self.options, service, self.partition)
        return known or (self.home,)

    def serves(self, service: str, region: str) -> bool:
        """Tell whether the service exists in the region, as far as botocore knows."""
        return self._wire.serves(self.options, service, region, self.partition)

    def call(
        self, meter: Meter, service: str, name: str, region: str | None = None, **params: Any
    ) -> dict[str, Any]:
        """Make one listed call and return its reply; raises Fault and nothing else."""
        listed = operation(service, name)
        place = region or self.home
        if self._keys and monotonic() >= self._keys.renew_at:
            self._assume(meter)
        try:
            return self._patiently(meter, listed, place, params)
        except Fault as failed:
            if failed.code not in EXPIRED or self._keys is None:
                raise
        self._assume(meter)
        return self._patiently(meter, listed, place, params)

    def _patiently(
        self, meter: Meter, listed: Operation, region: str, params: dict[str, Any]
    ) -> dict[str, Any]:
        send = self._sender(listed, region)
        self._pace(listed.service, region).wait()
        return self._send(meter, listed, lambda: send(**params), home=region == self.home)

    def _send(
        self, meter: Meter, listed: Operation, send: Callable[[], dict[str, Any]], *, home: bool
    ) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        for attempt in range(self.patience.again + 1):
            if attempt:
                longest = min(self.patience.pause * 2**attempt, self.patience.longest_pause)
                sleep(uniform(longest / 2, longest))  # noqa: S311 - spreads load, hides nothing
            try:
                reply = send()
                meter.calls += 1 + _retries(reply)
                if listed.expects is None or listed.expects in reply:
                    return reply
            except (CutReplyError, ResponseParserError):
                meter.calls += 1
            except (ClientError, BotoCoreError) as error:
                meter.calls += 1 + _retries(getattr(error, "response", None))
                raise fault(error, listed, home=home) from None
        raise fault(CutReplyError(), listed, home=home)

    def _sender(self, listed: Operation, region: str) -> Callable[..., dict[str, Any]]:
        from botocore import xform_name

        key = (listed.service, region)
        if key not in self._clients:
            self._clients[key] = self._wire.client(self.options, *key, self._keys)
        send: Callable[..., dict[str, Any]] = getattr(self._clients[key], xform_name(listed.name))
        return send

    def _pace(self, service: str, region: str) -> Pace:
        key = (service, region)
        if key not in self._paces:
            patience = self.patience
            self._paces[key] = Pace(patience.rates.get(service, patience.rate))
        return self._paces[key]

    def _assume(self, meter: Meter) -> None:
        """Fetch new keys with the entry's own credentials and forget the clients of the old."""
        options = self.options
        listed = operation("sts", "AssumeRole")
        params: dict[str, Any] = {
            "RoleArn": self.role_arn,
            "RoleSessionName": options.session_name,
            "DurationSeconds": _SESSION_SECONDS,
        }
        external_id = options.revealed_external_id()
        if external_id:
            params["ExternalId"] = external_id
        self._wire.assuming.wait()
        client = self._wire.client(options, "sts", self.home, None)
        try:
            reply = self._send(meter, listed, lambda: client.assume_role(**params), home=True)
        except Fault as failed:
            reason = f"cannot become {self.role_arn}: {failed.reason}"
            raise Fault(failed.kind, reason, failed.code) from None
        finally:
            client.close()
        given = reply["Credentials"]
        self.close()
        self._keys = Keys(
            given["AccessKeyId"],
            given["SecretAccessKey"],
            given["SessionToken"],
            monotonic() + _SESSION_SECONDS - _RENEW_EARLY,
        )


def _retries(reply: dict[str, Any] | None) -> int:
    return int((reply or {}).get("ResponseMetadata", {}).get("RetryAttempts", 0))
