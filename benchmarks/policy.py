"""Prints the CPU time of judging 2,500 principals that share 40 policies, parsing included.

Run: python benchmarks/policy.py
"""

import random
from time import process_time
from typing import Any

from nhiscan_providers.aws.reading.capabilities import CapabilityReader, Policy
from nhiscan_providers.aws.reading.documents import parse
from nhiscan_providers.aws.reading.trust import read_trust

PRINCIPALS, POLICIES = 2_500, 40
SERVICES = (
    "s3", "ec2", "iam", "kms", "logs", "cloudtrail", "lambda", "ecs", "rds", "backup", "ssm",
    "sts", "dynamodb", "config",
)  # fmt: skip
VERBS = ("Get", "List", "Describe", "Put", "Create", "Delete", "Update", "Start", "Stop", "Tag")


def policy(dice: random.Random, statements: int) -> dict[str, Any]:
    """Make a document of about the size of AWS's own: 15 patterns a statement."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    f"{dice.choice(SERVICES)}:{dice.choice(VERBS)}{dice.choice(['*', 'Thing*'])}"
                    for _ in range(15)
                ],
                "Resource": dice.choice(["*", f"arn:aws:s3:::bucket-{dice.random()}/*"]),
            }
            for _ in range(statements)
        ],
    }


def trust(number: int) -> dict[str, Any]:
    """Make a trust policy that no other role has."""
    principal = {"AWS": f"arn:aws:iam::444455556666:role/caller-{number}"}
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": f"8f14e45fceea167a-{number}"}},
        }
    }


def main() -> None:
    """Time parsing, judging and trust reading apart."""
    dice = random.Random(7)  # noqa: S311  # the same policies at every run, nothing secret
    raw = [policy(dice, dice.randint(1, 20)) for _ in range(POLICIES)]
    scp = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    own = [
        [f"p{n}" for n in dice.sample(range(POLICIES), dice.randint(1, 4))]
        for _ in range(PRINCIPALS)
    ]

    started = process_time()
    shared = {f"p{n}": Policy(f"p{n}", "attached", parse(one)) for n, one in enumerate(raw)}
    parsed = process_time()
    reader = CapabilityReader([[scp], [scp], [scp]])
    powers = sum(len(reader.read([shared[name] for name in names]).powers) for names in own)
    judged = process_time()
    readings = sum(len(read_trust(trust(n), account="111122223333")) for n in range(PRINCIPALS))
    trusted = process_time()

    sets = len({tuple(sorted(names)) for names in own})
    print(f"{PRINCIPALS} principals, {POLICIES} policies, {sets} different sets of them")
    print(f"parse policies   {parsed - started:6.3f} s")
    print(f"judge principals {judged - parsed:6.3f} s, {powers} powers")
    print(f"read trusts      {trusted - judged:6.3f} s, {readings} readings")


if __name__ == "__main__":
    main()
