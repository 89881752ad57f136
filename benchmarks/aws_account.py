"""What one large AWS account costs: HTTP calls, CPU and memory of a scan, against a bare script.

`python benchmarks/aws_account.py`; exits 1 when a bar is missed. The account has 2,000 users with
1,100 keys, 500 roles and 50 secrets, in shapes like those of real ones. A sandbox process serves
it, from replies made beforehand. Each measured program is a child of this small process, so that
its CPU and memory are its own (getrusage; a child's peak includes what its parent held when it
began). CPU is the median of the runs.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

ACCOUNT = "960000000001"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/nhiscan"
NOW = "2026-11-01T06:00:00Z"
USERS, KEYS, ROLES, SECRETS = 2000, 1100, 500, 50
MOST_CALLS, MOST_RATIO, MOST_MEGABYTES = 25, 3.0, 200.0

CONFIG = """\
msp: {{id: bench}}
store: store.duckdb
tenants:
  - id: bench
    kind: msp
    providers:
      - {{type: aws, role_arn: "{role}", endpoint: "{url}", regions: [us-east-1], key_ids: never}}
"""

SERVICES = ("lambda", "ec2", "ecs-tasks", "states", "codebuild", "events")
# A real account has 30 to 38 AWS managed policies attached; their text is long.
MANAGED = (
    "ReadOnlyAccess",
    "PowerUserAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonEC2FullAccess",
    "AmazonDynamoDBFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSLambda_FullAccess",
    "AmazonRDSFullAccess",
    "CloudWatchFullAccess",
    "CloudWatchReadOnlyAccess",
    "IAMReadOnlyAccess",
    "AdministratorAccess",
)
ACTIONS = (
    ["s3:GetObject", "s3:ListBucket"],
    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    ["cloudformation:UpdateStack", "iam:PassRole", "lambda:UpdateFunctionCode"],
    ["kms:Decrypt", "secretsmanager:GetSecretValue"],
)


def statements(number: int) -> list[dict[str, Any]]:
    """Make the statements of a policy, three of them, one with a condition."""
    resource = f"arn:aws:s3:::bench-{number}"
    return [
        {"Sid": "Work", "Action": ACTIONS[number % 6], "Resource": [resource, f"{resource}/*"]},
        {"Sid": "Logs", "Action": ACTIONS[3]},
        {
            "Sid": "Keys",
            "Action": ["kms:Decrypt"],
            "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
        },
    ]


def user(number: int) -> dict[str, Any]:
    """Make a user: nine in twenty have a key, of those two in nine a second, a third a password."""
    row: dict[str, Any] = {
        "name": f"svc-{number:04d}",
        "age": 30 + number % 900,
        "tags": {"owner": f"person{number % 150}@bench.example", "cost-center": str(number % 40)},
        "groups": [f"group-{number % 20}"],
    }
    if number < 900:
        keys = [{"age": 20 + number % 500, "used": number % 90 if number % 4 else None}]
        row["keys"] = keys * 2 if number < KEYS - 900 else keys
    if number % 3 == 0:
        row["password"] = {"age": 100, "used": number % 60, "mfa": True}
    if number % 4 == 0:
        row["inline"] = {"own": statements(number)}
    if number % 5 == 0:
        row["policies"] = [f"bench-policy-{number % 100}", *managed(number, 100)]
    return row


def trust(number: int) -> list[dict[str, Any]]:
    """Make a role's trust: mostly services, some pipelines, some other accounts."""
    if number % 5 == 3:
        issuer = "token.actions.githubusercontent.com"
        return [
            {
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
                "Condition": {
                    "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"},
                    "StringLike": {f"{issuer}:sub": f"repo:bench/app-{number}:ref:refs/heads/*"},
                },
            }
        ]
    if number % 5 == 4:
        condition = {"StringEquals": {"sts:ExternalId": f"bench-{number}"}}
        principal = {"AWS": f"arn:aws:iam::{900000000100 + number % 30}:root"}
        return [{"Principal": principal, "Condition": condition}]
    return [{"Principal": {"Service": f"{SERVICES[number % 6]}.amazonaws.com"}}]


def role(number: int) -> dict[str, Any]:
    """Make a role with an inline and an attached policy."""
    return {
        "name": f"role-{number:03d}",
        "age": 60 + number,
        "used": number % 120 if number % 3 else None,
        "tags": {"owner": f"person{number % 150}@bench.example", "stack": f"stack-{number % 60}"},
        "trust": trust(number),
        "policies": [f"bench-policy-{number % 100}", *managed(number, 6)],
        "inline": {"own": statements(number)},
    }


def managed(number: int, every: int) -> list[str]:
    """Name an AWS managed policy for one in `every`."""
    return [] if number % every else [MANAGED[number // every % len(MANAGED)]]


def account() -> dict[str, Any]:
    """Make the account as an estate file would say it."""
    scanner = {
        "name": "nhiscan",
        "trust": [{"Principal": {"AWS": ROLE}}],
        "inline": {"read": [{"Action": "*"}]},
    }
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/svc-0001"}
    created = [
        {
            "name": "CreateUser",
            "age": 1 + number,
            "username": "svc-0001",
            "identity": identity,
            "request": {"userName": f"svc-{number:04d}"},
        }
        for number in range(40)
    ]
    contact = {"name": "Bench", "email": "bench@bench.example"}
    return {
        "id": ACCOUNT,
        "name": "bench",
        "email": "aws@bench.example",
        "contacts": {"SECURITY": contact, "OPERATIONS": contact},
        "policies": {f"bench-policy-{n}": statements(n) for n in range(100)},
        "groups": [{"name": f"group-{n}", "inline": {"own": statements(n)}} for n in range(20)],
        "users": [user(number) for number in range(USERS)],
        "roles": [scanner, *(role(number) for number in range(ROLES - 1))],
        "oidc": [{"url": "token.actions.githubusercontent.com"}],
        "secrets": [
            {"name": f"app/{n}", "rotated": n if n % 2 else None, "accessed": n % 20}
            for n in range(SECRETS)
        ],
        "parameters": [{"name": f"/app/{n}"} for n in range(20)],
        "events": created,
    }


class Cost(msgspec.Struct, frozen=True):
    """What one run of a program took: CPU in seconds, peak memory in megabytes, HTTP calls."""

    cpu: float
    megabytes: float
    calls: Counter[str]


class Bed:
    """The running sandbox: its URL, its session, and the log that it writes."""

    def __init__(self, folder: Path) -> None:
        told = msgspec.json.decode((folder / "ready.json").read_bytes())
        self.url: str = told["aws"]
        self.session: dict[str, str] = told["environment"]
        self._folder = folder
        self._log = folder / "calls.jsonl"

    def measure(self, command: list[str]) -> Cost:
        """Run a program to its end and read its own resource usage."""
        self._log.write_bytes(b"")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self._folder), "NHISCAN_NOW": NOW}
        errors = self._folder / "errors"
        with (
            errors.open("wb") as stream,
            subprocess.Popen(  # noqa: S603 our own programs
                command,
                env=environment | self.session,
                cwd=self._folder,
                stdout=subprocess.DEVNULL,
                stderr=stream,
            ) as process,
        ):
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        # 3: the scan ended, but a source within its budget of calls was not read whole.
        if process.returncode not in (0, 3):
            sys.exit(f"{command[0]} ended with {process.returncode}:\n{errors.read_text()}")
        lines = self._log.read_bytes().splitlines()
        calls = Counter(
            f"{call['service']}:{call['operation']}" for call in map(msgspec.json.decode, lines)
        )
        return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, calls)


@contextmanager
def serving(folder: Path) -> Iterator[Bed]:
    """Serve the account from another process while the block lasts."""
    estate = folder / "estate.json"
    estate.write_bytes(msgspec.json.encode({"base_role": ROLE, "accounts": [account()]}))
    command = [sys.executable, "-m", "nhiscan_sandbox", "--estate", str(estate), "--frozen"]
    command += ["--now", NOW, "--ready", str(folder / "ready.json")]
    command += ["--log", str(folder / "calls.jsonl")]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 our own module
        try:
            while not (folder / "ready.json").exists():
                if process.poll() is not None:
                    sys.exit("the sandbox did not start")
                time.sleep(0.05)
            yield Bed(folder)
        finally:
            process.communicate()


def scan(bed: Bed, runs: int, folder: Path) -> list[Cost]:
    """Scan into a new store each time, as a first scan does."""
    (folder / "nhiscan.yaml").write_text(CONFIG.format(role=ROLE, url=bed.url))
    command = [str(Path(sys.executable).with_name("nhiscan")), "scan", "--db"]
    stores = [folder / f"store-{number}.duckdb" for number in range(runs)]
    return [bed.measure([*command, str(store)]) for store in stores]


def report(bare: list[Cost], scans: list[Cost]) -> int:
    """Print both and their ratio; return the exit code."""
    cpu = {
        name: statistics.median(cost.cpu for cost in costs)
        for name, costs in (("bare", bare), ("scan", scans))
    }
    calls = sum(scans[-1].calls.values())
    memory = max(cost.megabytes for cost in scans)
    ratio = cpu["scan"] / cpu["bare"]
    print(f"account: {USERS} users, {KEYS} keys, {ROLES} roles, {SECRETS} secrets")
    print(f"bare script   {sum(bare[-1].calls.values()):3} calls  {cpu['bare']:6.2f} s CPU")
    print(f"nhiscan scan  {calls:3} calls  {cpu['scan']:6.2f} s CPU  {memory:5.0f} MB at most")
    print(f"ratio {ratio:.2f} (bar {MOST_RATIO})")
    for name, count in sorted(scans[-1].calls.items()):
        print(f"  {count:3} {name}")
    kept = calls <= MOST_CALLS and ratio <= MOST_RATIO and memory < MOST_MEGABYTES
    bars = f"{MOST_CALLS} calls, ratio {MOST_RATIO}, {MOST_MEGABYTES:.0f} MB"
    print(f"bars ({bars}): {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


def main() -> int:
    """Serve the account, warm the replies up, measure both programs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bare-only", action="store_true", help="only the bare script")
    options = parser.parse_args()
    program = [sys.executable, str(Path(__file__).with_name("aws_account_bare.py"))]
    with TemporaryDirectory(prefix="nhiscan-bench-") as scratch, serving(Path(scratch)) as bed:
        bare_command = [*program, bed.url, ROLE]
        bed.measure(bare_command)
        bare = [bed.measure(bare_command) for _ in range(options.runs)]
        if options.bare_only:
            print(bare[-1])
            return 0
        return report(bare, scan(bed, options.runs, Path(scratch)))


if __name__ == "__main__":
    sys.exit(main())
