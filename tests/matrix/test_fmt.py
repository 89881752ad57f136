"""`nhiscan matrix fmt`: one canonical form, which keeps comments with what they speak of."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.config.marked import Problems
from nhiscan.matrix.canonical import render
from nhiscan.matrix.comments import tree
from nhiscan.matrix.files import ClientRoot
from nhiscan.matrix.fmt import canonical
from nhiscan.matrix.scalars import scalar
from nhiscan.matrix.tree import planted
from tests.matrix.random_matrix import texts
from tests.matrix.written import RIGHT, project, run, write

UNTIDY = """# Acme
# yaml-language-server: $schema=x

period: {to: 2026-12-31, from: "2026-01-01"}   # the year
client: acme
instances:
  # the first

  - criteria: [CC6.2]            # one or more ids
    id: acme/one
    backup:    # nobody yet
    approver: ~
    operated_by_human: no
    statement: >-
       Disable automation credentials
       within 24h of a trigger.
    # who does it
    duties: {review: msp, provision: msp, revoke: [], approve: null}
    custody: [
      # first half
      {person: lee, who: msp, from: 2026-01-01, to: 2027-01-01},  # until the end
    ]
    operated_by:  # in this order
      - {basis: explicit, id: "entra:app:7d1c"}
    responsibility: msp
    notes: |   # as told
      a # no comment

      b
    # the end of the first
  # second
  - {id: acme/two, criteria: [CC1.1], statement: "yes", responsibility: n/a}
  # the end of the list
# the end
"""
TIDY = """# Acme
# yaml-language-server: $schema=x

client: acme
period: {from: 2026-01-01, to: 2026-12-31}  # the year
instances:
  # the first

  - id: acme/one
    criteria: [CC6.2]  # one or more ids
    statement: Disable automation credentials within 24h of a trigger.
    responsibility: msp
    # who does it
    duties: {provision: msp, review: msp, revoke: [], approve: null}
    backup: null  # nobody yet
    custody:
      # first half
      - {who: msp, person: lee, from: 2026-01-01, to: 2027-01-01}  # until the end
    operated_by: [{id: "entra:app:7d1c", basis: explicit}]  # in this order
    notes: |  # as told
      a # no comment

      b
    # the end of the first

  # second
  - id: acme/two
    criteria: [CC1.1]
    statement: "yes"
    responsibility: n/a
  # the end of the list
# the end
"""


def test_keys_come_in_order_and_comments_stay_with_them() -> None:
    assert render(tree(UNTIDY), ClientRoot) == TIDY
    assert render(tree(TIDY), ClientRoot) == TIDY


def test_crlf_and_a_byte_order_mark_are_no_difference(tmp_path: Path) -> None:
    project(tmp_path)
    file = write(tmp_path, "\ufeff" + UNTIDY.replace("\n", "\r\n"))

    assert canonical(file, ClientRoot, Problems()) == TIDY


def test_the_command_writes_what_differs_and_check_only_tells(tmp_path: Path) -> None:
    project(tmp_path)
    file = write(tmp_path, UNTIDY)
    file.chmod(0o640)

    told = run(tmp_path, "matrix", "fmt", "--check")
    assert (told.returncode, told.stdout) == (1, "matrix/clients/acme.yaml\n")
    assert file.read_text() == UNTIDY

    assert run(tmp_path, "matrix", "fmt").returncode == 0
    assert file.read_text() == TIDY
    assert file.stat().st_mode & 0o777 == 0o640
    again = run(tmp_path, "matrix", "fmt", "--check")
    assert (again.returncode, again.stdout) == (0, "")
    assert sorted(one.name for one in file.parent.iterdir()) == ["acme.yaml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RIGHT.replace("backup: lee", "backup: &x lee").replace("by: cto@acme.example", "by: *x"),
         "& and *"),
        (RIGHT.replace("    sla: identity", "    <<: {sla: identity}"), "<<"),
        ("- a\n", "expected keys and values"),
        ("client: [\n", "not YAML"),
    ],
)  # fmt: skip
def test_what_would_lose_something_is_left_alone(tmp_path: Path, text: str, told: str) -> None:
    project(tmp_path)
    file = write(tmp_path, text)
    other = write(tmp_path, UNTIDY.replace("acme", "beta"), "beta")

    found = run(tmp_path, "matrix", "fmt")

    assert found.returncode == 2
    assert told in found.stderr
    assert "matrix/clients/acme.yaml:" in found.stderr
    assert file.read_text() == text
    assert other.read_text() == TIDY.replace("acme", "beta")


def test_long_and_deep_values_take_lines_of_their_own() -> None:
    words = "word " * 40 + "end"
    root = planted(
        {
            "client": "acme",
            "instances": [
                {"id": "a", "statement": words, "notes": "one\ntwo", "cuec": ["x" * 60, "y" * 60]}
            ],
        }
    )

    text = render(root, ClientRoot)

    assert "    statement: >-\n      word word" in text
    assert "    notes: |-\n      one\n      two\n" in text
    assert f"    cuec:\n      - {'x' * 60}\n" in text
    assert max(map(len, text.splitlines())) <= 100


@given(said=texts, flow=st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_scalar_reads_back_as_the_same_text(said: str, flow: bool) -> None:
    import yaml

    written = f"[{scalar(said, flow=True)}]" if flow else f"- {scalar(said, flow=False)}"

    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        assert yaml.load(written, Loader=loader) == [said]  # noqa: S506 - safe ones


# Pieces of files with comments wherever YAML lets them stand.
_PIECES = (
    "    # alone\n", "\n", "  # left\n", "      # right\n", "    notes: x  # beside\n",
    "    cuec: [a, # in\n      b]\n", "    csoc:\n      # first\n      - a  # a\n      # last\n",
    "    custody:  # head\n    - who: msp # who\n      # from\n      from: 2026-01-01\n",
    "    sla: |  # block\n      text # not\n\n", "    backup: # none\n", "# at the margin\n",
)  # fmt: skip


@given(pieces=st.lists(st.sampled_from(_PIECES), unique=True))
@settings(max_examples=300, deadline=None)
def test_no_comment_is_lost_and_the_form_is_stable(pieces: list[str]) -> None:
    text = f"client: acme\ninstances:\n  - id: a\n{''.join(pieces)}  - id: b\n{''.join(pieces)}"

    once = render(tree(text), ClientRoot)

    def comments(of: str) -> list[str]:
        lines = (line.replace("text # not", "") for line in of.splitlines())
        return sorted(line.partition("#")[2] for line in lines if "#" in line)

    assert comments(once) == comments(text)
    assert render(tree(once), ClientRoot) == once
