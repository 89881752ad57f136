"""Estates: wrong files say so, others can be served, the sample tells its stories."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from nhiscan_sandbox.estate.load import load, sample
from nhiscan_sandbox.estate.model import Account, Estate, Organization
from nhiscan_sandbox.sandbox import Sandbox

PAYER = "970000000000"


def test_unknown_key_in_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("accounts: [{id: '1', name: n, email: e, rols: []}]")
    with pytest.raises(ValueError, match=r"wrong\.yaml: .*rols"):
        load([file])


def test_long_organizations_are_paged_by_twenty() -> None:
    accounts = [Account(id=PAYER, name="payer", email="p@big.example")]
    accounts += [
        Account(id=f"97000000{n:04d}", name=f"a{n}", email=f"a{n}@big.example", parent="r-bg01")
        for n in range(1, 45)
    ]
    org = Organization(id="o-big0000001", payer=PAYER, root="r-bg01")
    with Sandbox(Estate(accounts=tuple(accounts), organizations=(org,))) as running:
        keys = running.admin(PAYER)
        client: Any = boto3.client(
            "organizations",
            endpoint_url=running.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        pages = [page["Accounts"] for page in client.get_paginator("list_accounts").paginate()]
    assert [len(page) for page in pages] == [0, 20, 20, 5]
    assert {row["Id"] for page in pages for row in page} == {account.id for account in accounts}


def test_frozen_estate_repeats_its_replies_and_logs_them(tmp_path: Path) -> None:
    lone = Account(id="980000000001", name="lone", email="lone@big.example")
    log = tmp_path / "calls.jsonl"
    with Sandbox(Estate(accounts=(lone,)), frozen=True, log_file=log) as running:
        keys = running.admin(lone.id)
        client: Any = boto3.client(
            "iam",
            endpoint_url=running.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )
        assert client.list_users()["Users"] == []
        client.create_user(UserName="too-late")
        assert client.list_users()["Users"] == []
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["operation"], line["status"]) for line in lines] == [
        ("ListUsers", 200),
        ("CreateUser", 200),
        ("ListUsers", 200),
    ]


def test_sample_tells_the_stories_that_the_product_is_for() -> None:
    estate = sample()
    clients = {account.id[:2] for account in estate.accounts}
    assert len(estate.accounts) >= 10
    assert len(clients) >= 4
    named = [user.name for account in estate.accounts for user in account.users]
    assert named.count("backup") == 3
    outsiders = [
        account.id
        for account in estate.accounts
        for role in account.roles
        if "999900001111" in str(role.trust)
    ]
    assert len({account[:3] for account in outsiders}) == 3
    assert any(account.state == "SUSPENDED" for account in estate.accounts)
    assert any(account.root.key for account in estate.accounts)


def test_every_role_that_the_project_enters_exists_and_asks_for_an_external_id() -> None:
    for account in sample().accounts:
        if account.state != "ACTIVE" or account.id == "900000000001":
            continue
        (scanner,) = [role for role in account.roles if role.name == "nhiscan"]
        assert "sts:ExternalId" in str(scanner.trust), account.name
