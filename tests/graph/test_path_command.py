"""`nhiscan path` and how identities are named."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.errors import UsageError
from nhiscan.graph.identify import identify
from nhiscan.store.read import open_reader
from tests.graph.test_reach import may_assume
from tests.graph.test_relations import of_account, of_role, role, trust
from tests.ownership.estate import ACCOUNTS, AT, Estate, identity, identity_id


def nhiscan(
    estate: Estate, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line on the estate's store, on the day of its scan unless `env` says else."""
    return subprocess.run(  # noqa: S603 our own command, with the test's arguments
        [
            str(Path(sys.executable).with_name("nhiscan")),
            *arguments,
            "--db",
            str(estate.store),
        ],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=os.environ | {"NHISCAN_NOW": AT.isoformat()} | (env or {}),
    )


@pytest.fixture
def chain(estate: Estate) -> Estate:
    estate.scan(
        {
            "northwind": [role("bot", "northwind"), may_assume("bot", "arn:aws:iam::*:role/a")],
            "acme": [
                role("a", "acme"),
                of_account("a", ACCOUNTS["northwind"], verdict="weak", guard="sts:ExternalId"),
                role("b", "acme"),
                of_role("b", "acme", "a", reason="nothing \x1b[31melse\x1b[0m is asked"),
                identity("backup"),
                identity("Backup"),
            ],
            "beta": [role("island", "beta"), identity("backup")],
        },
        unread={"iam.authorization_details": "complete"},
    )
    return estate


def test_a_path_is_told_hop_by_hop_with_its_evidence(chain: Estate) -> None:
    done = nhiscan(chain, "path", "bot", "b", "--format", "json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert (first["from_name"], first["to_name"], first["how"]) == ("bot", "a", "member")
    assert first["grants"] == ["assume: arn:aws:iam::*:role/a (scoped)"]
    assert (first["guard"], first["verdict"], first["relation"]) == (
        "sts:ExternalId",
        "weak",
        "msp",
    )
    assert first["read_at"] == "2026-05-01T06:00:00Z"
    assert (second["from_name"], second["to_name"], second["how"]) == ("a", "b", "named")
    assert second["grants"] == []


def test_the_text_is_safe_for_a_terminal(chain: Estate) -> None:
    done = nhiscan(chain, "path", "a", "b")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "none needed within one account" in done.stdout


def test_no_path_is_an_answer_that_says_what_was_not_read(chain: Estate) -> None:
    done = nhiscan(chain, "path", "b", "island")
    assert done.returncode == 0
    assert done.stdout.startswith("no way is known")
    assert "every trust and grant of every known account was read whole" in done.stderr
    chain.scan(
        {"beta": [role("island", "beta")]},
        at=AT + timedelta(days=1),
        unread={"iam.authorization_details": "denied"},
    )
    done = nhiscan(chain, "path", "b", "island", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert "iam.authorization_details (global): denied" in done.stderr


def test_a_door_open_to_the_public_is_a_way_for_everybody(estate: Estate) -> None:
    estate.scan(
        {
            "acme": [
                role("open", "acme"),
                trust("open", "*", "public"),
                role("inner", "acme"),
                of_role("inner", "acme", "open"),
            ],
            "beta": [role("far", "beta")],
        }
    )
    done = nhiscan(estate, "path", "far", "inner", "--format", "json")
    hops = [(hop["from_name"], hop["to_name"], hop["how"]) for hop in json.loads(done.stdout)]
    assert hops == [("far", "open", "public"), ("open", "inner", "named")]


@pytest.mark.parametrize("command", [["path", "nobody", "b"], ["explain", "nobody"]])
def test_an_unknown_name_exits_2(chain: Estate, command: list[str]) -> None:
    done = nhiscan(chain, *command)
    assert done.returncode == 2
    assert "no identity named 'nobody'" in done.stderr


def test_an_ambiguous_name_exits_2_and_lists_the_candidates(chain: Estate) -> None:
    done = nhiscan(chain, "path", "bot", "backup")
    assert done.returncode == 2
    assert identity_id("acme", "backup") in done.stderr
    assert identity_id("beta", "backup") in done.stderr
    assert identity_id("acme", "Backup") not in done.stderr


def test_candidates_with_hostile_names_forge_no_lines(estate: Estate) -> None:
    name = "x\nerror: all is well\x1b[2J"
    estate.scan({"acme": [identity(name)], "beta": [identity(name)]})
    done = nhiscan(estate, "explain", name)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert not any(line.startswith("error: all is well") for line in done.stderr.splitlines())


def named(estate: Estate, text: str) -> Any:
    with open_reader(estate.store) as con:
        return identify(con, text).identity_id


def test_ids_native_ids_and_names_are_understood(chain: Estate) -> None:
    bot = identity_id("northwind", "bot")
    assert named(chain, bot) == bot
    assert named(chain, f"arn:aws:iam::{ACCOUNTS['northwind']}:role/bot") == bot
    assert named(chain, "BOT") == bot
    assert named(chain, "Backup") == identity_id("acme", "Backup")
    with pytest.raises(UsageError) as error:
        named(chain, "islan")
    assert error.value.hint == "did you mean island?"


def test_hostile_names_are_only_names(chain: Estate) -> None:
    for text in ("", "' OR 1=1 --", "%", "*", "x" * 10_000, "$text", "\x1b[2J"):
        with pytest.raises(UsageError):
            named(chain, text)
