"""What a large Google organization costs: calls, time and memory of a scan, in bulk and refused.

`python benchmarks/gcp_organization.py`; exits 1 when a bar is missed. The organization has 300
projects, 1,500 service accounts, 600 user-managed keys, 40 pools and 250 API keys, 20 projects with
buckets and about 5,000 policies. This process serves it on loopback; the scan is a child whose CPU
and memory are its own (getrusage). Then the organization itself is refused, and the scan goes
project by project.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from nhiscan.provider import Context
from nhiscan_providers.gcp import Gcp
from nhiscan_providers.gcp.options import Endpoint, Options
from nhiscan_providers.gcp.wire import Patience

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.providers.gcp.google import CRM, IAM, Google
from tests.providers.gcp.servers import Servers

NOW = "2026-11-01T06:00:00Z"
PROJECTS, ACCOUNTS, KEYS, POOLS, API_KEYS, BUCKETS, SECRETS = 300, 1500, 600, 40, 250, 20, 3400
MOST_CALLS, MOST_MEGABYTES = 60, 300.0
# Last use and audit logs are read besides: they have no bulk form everywhere.
BESIDE = ("activities:query", "entries:list")
_PROJECT = "cloudresourcemanager.googleapis.com/Project"

CONFIG = """\
msp: {{id: bench}}
store: store.duckdb
tenants:
  - id: bench
    kind: msp
    providers:
      - type: gcp
        organization: "1"
        credentials: anonymous
        endpoint: {{grpc: "{grpc}", rest: "{rest}"}}
"""


class Cost(Struct, frozen=True):
    """What one scan took: seconds, CPU seconds, peak megabytes, and its calls by method."""

    seconds: float
    cpu: float
    megabytes: float
    calls: Counter[str]


def organization() -> Google:
    """Write the organization."""
    google = Google()
    for number in range(PROJECTS):
        _project(google, number)
    for number in range(ACCOUNTS):
        _account(google, number)
    for number in range(SECRETS):
        project = f"bench-{number % PROJECTS:03d}"
        reader = f"serviceAccount:svc{number % ACCOUNTS}@bench-{number % PROJECTS:03d}.{IAM}"
        secret = f"//secretmanager.googleapis.com/projects/{project}/secrets/s{number}"
        role = ("roles/secretmanager.secretAccessor", reader)
        google.bind(secret, "secretmanager.googleapis.com/Secret", project, role)
    return google


def _project(google: Google, number: int) -> None:
    name = f"bench-{number:03d}"
    google.project(name, str(1000 + number), "organizations/1", labels={"owner": "team"})
    default = f"serviceAccount:{1000 + number}-compute@developer.gserviceaccount.com"
    agent = f"serviceAccount:service-{1000 + number}@gcp-sa-pubsub.{IAM}"
    google.bind(
        f"{CRM}projects/{1000 + number}",
        _PROJECT,
        name,
        ("roles/editor", default, f"serviceAccount:svc{number}@{name}.{IAM}"),
        ("roles/owner", f"user:lead{number % 30}@bench.example"),
        ("roles/pubsub.publisher", agent),
    )
    above = google.ancestors(name)
    if number < POOLS:
        pool = f"projects/{1000 + number}/locations/global/workloadIdentityPools/ci"
        full = f"//iam.googleapis.com/{pool}"
        google.asset(
            "iam.googleapis.com/WorkloadIdentityPool",
            full,
            {"name": pool, "state": "ACTIVE"},
            above,
        )
    if number < API_KEYS:
        key = f"projects/{1000 + number}/locations/global/keys/k{number}"
        data = {"name": key, "uid": f"k{number}", "displayName": "map"}
        google.asset("apikeys.googleapis.com/Key", f"//apikeys.googleapis.com/{key}", data, above)
    if number < BUCKETS:
        role = ("roles/storage.objectViewer", default)
        bucket = f"//storage.googleapis.com/{name}"
        google.bind(bucket, "storage.googleapis.com/Bucket", name, role)


def _account(google: Google, number: int) -> None:
    project = f"bench-{number % PROJECTS:03d}"
    address = google.account(f"svc{number}", project, str(10**20 + number))
    if number < KEYS // 2:
        google.key(address, f"a{number:039d}")
        google.key(address, f"b{number:039d}")
    if number % 5 == 0:
        user = ("roles/iam.serviceAccountUser", f"user:dev{number % 50}@bench.example")
        full = f"//iam.googleapis.com/projects/{project}/serviceAccounts/{address}"
        google.bind(full, "iam.googleapis.com/ServiceAccount", project, user)


def scan(google: Google, folder: Path) -> Cost:
    """Scan into a new store, and read the child's own resource usage."""
    google.log.clear()
    command = [str(Path(sys.executable).with_name("nhiscan")), "scan"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NHISCAN_NOW": NOW}
    begun = time.monotonic()
    errors = folder / "errors"
    with (
        errors.open("wb") as stream,
        subprocess.Popen(  # noqa: S603 our own program
            command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=stream
        ) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"the scan ended with {process.returncode}:\n{errors.read_text()}")
    return Cost(
        time.monotonic() - begun,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        Counter(call.method for call in google.log),
    )


def refused(google: Google, endpoint: dict[str, str]) -> Counter[str]:
    """Collect project by project, at once: Google's own quotas would stretch it over minutes."""
    google.log.clear()
    google.refused = [(api, "organizations/") for api in ("cloudasset", "policyanalyzer")]
    adapter = Gcp(Patience(haste=1e6))
    options = Options(organization="1", credentials="anonymous", endpoint=Endpoint(**endpoint))
    context = Context(now=datetime.fromisoformat(NOW), tenant_id="bench", progress=lambda _: None)
    for unit in adapter.plan(options, context).units:
        for _ in adapter.collect(options, unit, context):
            pass
    return Counter(call.method for call in google.log)


def report(title: str, calls: Counter[str], bar: int) -> bool:
    """Print the calls and whether they kept their bar."""
    beside = sum(calls[name] for name in BESIDE)
    counted = sum(calls.values()) - beside
    print(f"{title}: {counted} calls (bar {bar}), and {beside} for last use and audit logs")
    for name, count in sorted(calls.items()):
        print(f"  {count:4} {name}")
    return counted <= bar


def main() -> int:
    """Serve the organization and read it both ways."""
    google = organization()
    servers = Servers(google)
    try:
        with TemporaryDirectory(prefix="nhiscan-bench-") as name:
            folder = Path(name)
            (folder / "nhiscan.yaml").write_text(CONFIG.format(**servers.endpoint))
            policies = len(google.policies)
            print(f"organization: {PROJECTS} projects, {ACCOUNTS} accounts, {KEYS} keys,", end=" ")
            print(f"{policies} policies")
            cost = scan(google, folder)
        kept = report("in bulk", cost.calls, MOST_CALLS)
        print(f"  scan: {cost.seconds:.1f} s, {cost.cpu:.1f} s CPU, {cost.megabytes:.0f} MB")
        kept &= cost.megabytes <= MOST_MEGABYTES
        begun = time.monotonic()
        # two calls for each project, one for each account with keys, and what planning takes
        bar = 2 * PROJECTS + KEYS // 2 + 20
        kept &= report("project by project", refused(google, servers.endpoint), bar)
        print(f"  {time.monotonic() - begun:.1f} s without waiting for quotas")
    finally:
        servers.close()
    print(f"bars ({MOST_CALLS} and {bar} calls, {MOST_MEGABYTES:.0f} MB): ", end="")
    print("kept" if kept else "MISSED")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
