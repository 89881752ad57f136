"""CPU for all trust and can_become edges of one large AWS account, from policies to the graph.

Run: python benchmarks/aws_powers.py; exits 1 when a bar is missed. 2,000 users and 500 roles: each
user has a policy of its own that lets it make keys and pass a role, one in fifty is an
administrator, and each role trusts a service, an account or another role. Measured twice: as it is,
and with AWS's ReadOnlyAccess (3,000 actions) held by everybody as well, which gives nobody a way
in. Each run is a process of its own, so nothing is remembered; the best of three counts.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

from nhiscan import plugins, spool
from nhiscan.config.model import Config, Tenant
from nhiscan.graph.relations import stage_relations
from nhiscan.graph.trust import TrustGraph
from nhiscan.ownership.roster import stage_tenants
from nhiscan.records import Account, AnyRecord, Coverage
from nhiscan.store.revision import Revision, revise
from nhiscan_providers.aws.reading.becoming import OpeningReader
from nhiscan_providers.aws.reading.capabilities import CapabilityReader
from nhiscan_providers.aws.reading.classify import Classification
from nhiscan_providers.aws.reading.documents import parse
from nhiscan_providers.aws.reading.pieces import Home
from nhiscan_providers.aws.reading.trust import read_trust
from nhiscan_providers.aws.rows import principals
from nhiscan_providers.aws.sources.authorization import SOURCE, Details, Role

ACCOUNT, USERS, ROLES, POLICIES = "960000000001", 2_000, 500, 100
# What the policy costs is read once, and told in two more rows for everybody.
MOST_CPU, MOST_RATIO = 10.0, 1.35
NOW = datetime(2026, 11, 1, tzinfo=UTC)
IAM = f"arn:aws:iam::{ACCOUNT}"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SERVICES = ("lambda", "ec2", "ecs-tasks", "states", "codebuild", "events")
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
CLASS = Classification("machine", "bench", "made by a benchmark", "hard")
Figures = dict[str, float]


def own(number: int) -> list[dict[str, Any]]:
    """Make the policy that only one user has."""
    condition = {"StringEquals": {"iam:PassedToService": f"{SERVICES[number % 6]}.amazonaws.com"}}
    return [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::b-{number}/*"},
        {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": f"{IAM}:user/u{number}*"},
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": f"{IAM}:role/r{number % ROLES}",
            "Condition": condition,
        },
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": f"{IAM}:role/r{number % 50}*",
        },
    ]


def managed(number: int) -> list[dict[str, Any]]:
    """Make a policy that many share."""
    verbs = [f"{name}:{verb}*" for name in SERVICES for verb in ("Get", "Run", "Create", "Update")]
    return [
        {"Effect": "Allow", "Action": verbs[number % 20 :][:8], "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": f"{IAM}:role/r{number}",
        },
    ]


def trust(number: int) -> dict[str, Any]:
    """Make a role's trust policy."""
    kind = number % 4
    principal = {
        0: {"Service": f"{SERVICES[number % 6]}.amazonaws.com"},
        1: {"Service": "lambda.amazonaws.com"},
        2: {"AWS": f"{IAM}:root"},
        3: {"AWS": f"{IAM}:role/r{number - 1}"},
    }[kind]
    return {"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}}


def principal(kind: str, number: int, arns: list[str]) -> dict[str, Any]:
    """Make what users and roles have in common."""
    name = f"{kind[0].lower()}{number}"
    return {
        f"{kind}Id": f"A{kind.upper()}{number:012d}",
        "Arn": f"{IAM}:{kind.lower()}/{name}",
        f"{kind}Name": name,
        "Path": "/",
        "CreateDate": NOW,
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns
        ],
    }


def page(read_only: bool) -> dict[str, Any]:
    """Make the page that GetAccountAuthorizationDetails would give, were it one."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    texts = {
        READ_ONLY: json.dumps(json.loads(aws_managed_policies_data)["ReadOnlyAccess"]["Document"]),
        f"{IAM}:policy/admin": json.dumps({"Statement": FULL}),
    } | {f"{IAM}:policy/m{n}": json.dumps({"Statement": managed(n)}) for n in range(POLICIES)}

    def held(number: int) -> list[str]:
        arns = [f"{IAM}:policy/m{number % POLICIES}"]
        return arns + [READ_ONLY] * read_only + [f"{IAM}:policy/admin"] * (number % 50 == 0)

    users = [principal("User", n, held(n)) for n in range(USERS)]
    for n in range(USERS):
        document = json.dumps({"Statement": own(n)})
        users[n]["UserPolicyList"] = [{"PolicyName": "own", "PolicyDocument": document}]
    roles = [
        principal("Role", n, held(n)) | {"AssumeRolePolicyDocument": json.dumps(trust(n))}
        for n in range(ROLES)
    ]
    policies = [
        {"Arn": arn, "PolicyVersionList": [{"IsDefaultVersion": True, "Document": text}]}
        for arn, text in texts.items()
    ]
    return {"UserDetailList": users, "RoleDetailList": roles, "Policies": policies}


def records(found: dict[str, Any]) -> Iterator[AnyRecord]:
    """Judge the page as the adapter does and yield its rows."""
    details = Details()
    details.take(found)
    details.whole = True
    scps = [[parse({"Statement": FULL})]] * 2
    powers, openings = CapabilityReader(scps), OpeningReader(scps, Home("aws", ACCOUNT))
    for one in (*details.users.values(), *details.roles.values()):
        policies, boundary = details.policies_of(one), details.boundary_of(one)
        may = powers.read(policies, boundary)
        yield principals.identity(
            one, "role" if isinstance(one, Role) else "user", CLASS, may, True, {}
        )
        yield from principals.grants(one, may, ACCOUNT)
        yield from principals.openings(one, openings.read(policies, boundary))
        if isinstance(one, Role):
            readings = read_trust(one.trust, account=ACCOUNT, partition="aws", organization=None)
            yield from principals.trusts(one, readings)
    yield Coverage(source=SOURCE, state="complete")


def configuration(folder: Path) -> Config:
    """Make a configuration of one client."""
    tenant = Tenant(id="bench", name="Bench", kind="client", group="bench")
    path, store = folder / "nhiscan.yaml", folder / "store.duckdb"
    return Config(path=path, msp_id="msp", msp_name="MSP", store=store, tenants=(tenant,))


def merge(revision: Revision, rows: list[AnyRecord], folder: Path) -> None:
    """Bring the rows into the store, as a scan does."""
    header = spool.Header(
        tool="benchmark",
        scan_id="1",
        part="collect",
        tenant_id="bench",
        provider="aws",
        account=ACCOUNT,
        started_at=NOW,
    )
    account = Account(native_id=ACCOUNT, state="active", source=SOURCE)
    revision.declare("aws", plugins.provider("aws").sources())
    spool.write(folder / "unit.jsonl.gz", header, [account, *rows], finished_at=lambda: NOW)
    revision.merge_unit(folder / "unit.jsonl.gz")


def measure(folder: Path, read_only: bool) -> Figures:
    """Read, merge and build the graph once; CPU seconds of each, all threads together."""
    reply, config = page(read_only), configuration(folder)
    times = [process_time()]
    rows = list(records(reply))
    times.append(process_time())
    with revise(config.store, NOW) as revision:
        merge(revision, rows, folder)
        times.append(process_time())
        stage_tenants(revision.con, config)
        revision.merge_derived("tenant", "staged_tenant")
        stage_relations(revision.con, config)
        revision.merge_derived("trust_relation", "staged_trust_relation")
        times.append(process_time())
        graph = TrustGraph(revision.con)
        trusts, both = graph.fleet().graph, graph.fleet(become=True).graph
        times.append(process_time())
    read, merged, related, staged = (later - at for at, later in pairwise(times))
    return {
        "read": read,
        "merge": merged,
        "relations": related,
        "graph": staged,
        "edges": read + related + staged,
        "rows": len(rows),
        "trust": trusts.number_of_edges(),
        "become": both.number_of_edges() - trusts.number_of_edges(),
    }


def best(read_only: bool) -> Figures:
    """Take the cheapest of three runs, each in a fresh process and folder."""
    runs: list[Figures] = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="nhiscan-bench-") as folder:
            command = [sys.executable, __file__, folder, "yes" if read_only else "no"]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 this file
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda run: run["edges"])


def main() -> int:
    """Measure both, print the figures and their ratio, and return the exit code."""
    plain, broad = best(read_only=False), best(read_only=True)
    print(f"account: {USERS} users, {ROLES} roles, {POLICIES} shared policies")
    print(f"{'CPU seconds':34}{'as it is':>10}{'+ ReadOnlyAccess':>18}")
    for key, title in (
        ("read", "policies to rows"),
        ("relations", "relations of trusts"),
        ("graph", "staging edges, building graphs"),
        ("edges", "all edges (the three above)"),
        ("merge", "spool and merge, beside"),
    ):
        print(f"{title:34}{plain[key]:10.2f}{broad[key]:18.2f}")
    for key, title in (("rows", "rows"), ("trust", "trust edges"), ("become", "can_become edges")):
        print(f"{title:34}{plain[key]:10,.0f}{broad[key]:18,.0f}")
    ratio = broad["edges"] / plain["edges"]
    same = all(plain[key] == broad[key] for key in ("trust", "become"))
    kept = max(plain["edges"], broad["edges"]) <= MOST_CPU and ratio <= MOST_RATIO and same
    print(f"ratio with and without the read-only policy: {ratio:.2f}")
    print(
        f"bars ({MOST_CPU:.0f} s CPU, ratio {MOST_RATIO}, the same edges):"
        f" {'kept' if kept else 'MISSED'}"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2] == "yes")))
