"""What rules/links.yaml may say, and every complaint about it with file, line and next step."""

from pathlib import Path

import pytest

from nhiscan.config.marked import Problems
from nhiscan.matrix.model import LinkRule
from nhiscan.matrix.rules import read_rules

KNOWN = {"CC6.2", "A1.2"}
WHOLE = """\
rules:
  - id: backups-by-name
    match: {name: "svc-bkp-*", class: machine, provider: aws, tenant: acme}
    criteria: [A1.2]
    basis: name
  - id: vault-account
    match: {account: "111122223333", kind: role, action_class: backup}
    criteria: [A1.2]
    basis: dedicated
  - id: infra-repository
    match: {tag: "repo=acme/infra*"}
    criteria: [CC6.2, A1.2]
    basis: repository
"""
RULE = "rules:\n  - id: one\n    match: {%s}\n    criteria: [%s]\n    basis: %s\n"


def told(tmp_path: Path, text: str) -> tuple[list[LinkRule], list[str]]:
    file = tmp_path / "links.yaml"
    file.write_text(text)
    problems = Problems()
    rules = list(read_rules(file, problems, KNOWN, {"acme", "beta"}))
    return rules, [line.removeprefix(f"{file}:") for line in problems.lines]


def test_reads_every_rule(tmp_path: Path) -> None:
    rules, problems = told(tmp_path, WHOLE)

    assert problems == []
    assert [rule.id for rule in rules] == ["backups-by-name", "vault-account", "infra-repository"]
    assert rules[0].match.class_ == "machine"
    assert rules[1].match.account == "111122223333"


def test_no_file_is_no_rule(tmp_path: Path) -> None:
    problems = Problems()

    assert list(read_rules(tmp_path / "links.yaml", problems, KNOWN, set())) == []
    assert problems.lines == []


@pytest.mark.parametrize(
    ("match", "criteria", "basis", "complaint"),
    [
        ("nam: x", "A1.2", "name", '3: rules[0].match: unknown key "nam"; did you mean "name"?'),
        ("name: x", "A1.3", "name", '4: rules[0].criteria[0]: no criterion "A1.3"; did you mean'),
        ("name: x", "", "name", "4: rules[0].criteria: give at least one criterion"),
        ("name: x", "A1.2", "role", '5: rules[0].basis: basis "role" rests on match.role'),
        ("name: x", "A1.2", "operation", "5: rules[0].basis: expected one of: explicit, tag"),
        ("account: 0123", "A1.2", "dedicated", "3: rules[0].match.account: text is wanted"),
        ("action_class: backups", "A1.2", "action_class", 'no action_class "backups"; did you'),
        ("kind: roles", "A1.2", "name", '3: rules[0].match.kind: no kind "roles"; did you mean'),
        ("name: x, tenant: acm", "A1.2", "name", 'no tenant "acm"; did you mean "acme"?'),
        ("tag: repo", "A1.2", "repository", "3: rules[0].match.tag: write key=value"),
        ("native_id: 'arn:*'", "A1.2", "explicit", "5: rules[0].basis: a pattern is not explicit"),
        ("", "A1.2", "name", "3: rules[0].match: it matches everything"),
    ],
)  # fmt: skip
def test_tells_what_is_wrong(
    tmp_path: Path, match: str, criteria: str, basis: str, complaint: str
) -> None:
    rules, problems = told(tmp_path, RULE % (match, criteria, basis))

    assert rules == []
    assert any(complaint in line for line in problems), problems


def test_an_id_stands_once(tmp_path: Path) -> None:
    text = WHOLE.replace("vault-account", "backups-by-name")

    rules, problems = told(tmp_path, text)

    assert [rule.id for rule in rules] == ["backups-by-name", "infra-repository"]
    assert problems == ['6: rules[1].id: "backups-by-name" is the rule at line 2']


def test_a_wrong_rule_does_not_hide_the_others(tmp_path: Path) -> None:
    rules, problems = told(tmp_path, WHOLE.replace("kind: role", "kind: rule"))

    assert len(rules) == 2
    assert len(problems) == 1


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    _, problems = told(tmp_path, RULE % ("nam: x", "A1.2, CC9.9", "names"))

    assert len(problems) == 3
