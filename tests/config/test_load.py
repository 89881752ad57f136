"""What a configuration is read as, and every complaint with its file, line, key and next step."""

import subprocess
import sys
from pathlib import Path

import pytest

from nhiscan.config.model import OWNER_TAGS
from nhiscan.provider import Secret
from nhiscan_providers.aws.options import Options
from tests.config.conftest import HEAD, Folder

WHOLE = """\
msp: {id: northwind, name: Northwind MSP}
store: data/nhi.duckdb
roster: people.csv
matrix: matrix/
exceptions: exceptions.yaml
owner_tags: [Owner, Team]
policy: {dormant_days: 45}
tenants:
  - {id: northwind, kind: msp}
  - id: acme
    name: Acme Dental
    group: acme-group
    contacts: {approver: cto@acme.example}
    providers:
      - type: aws
        role_arn: arn:aws:iam::111122223333:role/nhiscan
        external_id: env:ACME_EXTERNAL_ID
        accounts: ["011122223333"]
        ca: file:ca.pem
      - &plain {type: aws, external_id: in-clear-is-fine}
      - <<: *plain
        profile: other
"""


def test_a_whole_configuration(folder: Folder) -> None:
    folder.write(people_csv="party_id,name\n")
    config = folder.load(WHOLE)
    assert (config.msp_id, config.msp_name) == ("northwind", "Northwind MSP")
    assert config.store == Path("data/nhi.duckdb")
    assert config.owner_tags == ("owner", "team")
    assert (config.policy.dormant_days, config.policy.access_key_max_age) == (45, 90)
    assert config.matrix is not None
    assert (config.exceptions_file, config.exceptions) == (Path("exceptions.yaml"), ())
    assert config.roster_read_at is not None
    acme = config.tenants[1]
    assert (acme.name, acme.kind, acme.group) == ("Acme Dental", "client", "acme-group")
    first, second, third = (entry.options for entry in acme.providers)
    assert isinstance(first, Options)
    assert first.external_id == Secret("env:ACME_EXTERNAL_ID", ".")
    assert first.ca == Secret("file:ca.pem", ".")
    assert first.accounts == ("011122223333",)
    assert second.external_id == "in-clear-is-fine"
    assert (third.external_id, third.profile) == ("in-clear-is-fine", "other")
    assert [entry.line for entry in acme.providers] == [15, 20, 21]


def test_defaults(folder: Folder) -> None:
    config = folder.load(HEAD)
    assert config.store == Path("nhiscan.duckdb")
    assert config.owner_tags == OWNER_TAGS
    assert (config.tenants[0].name, config.tenants[0].group) == ("northwind", "northwind")
    assert (config.roster_read_at, config.matrix, config.exceptions) == (None, None, ())


def test_files_are_looked_for_beside_the_configuration(folder: Folder) -> None:
    from nhiscan.config.load import load

    Path("far").mkdir()
    Path("far/people.csv").write_text("party_id,name\nkim,Kim Doe\n")
    Path("far/c.yaml").write_text(HEAD + "roster: [people.csv]\n")
    config = load(Path("far/c.yaml"))
    assert config.store == Path("far/nhiscan.duckdb")
    assert (config.parties[0].file, config.parties[0].line) == ("far/people.csv", 2)


ENTRY = HEAD + "  - id: acme\n    providers:\n      - "

GOLDEN = [
    ("", ["nhiscan.yaml:1: the file is empty"]),
    ("- a\n", ["nhiscan.yaml:1: expected keys and values"]),
    (
        "tenants: []\n",
        ['nhiscan.yaml:1: "msp" is missing'],
    ),
    (
        "msp: {id: northwind}\n",
        ['nhiscan.yaml:1: "tenants" is missing'],
    ),
    ("msp: x\ntenants: []\n", ["nhiscan.yaml:1: msp: expected keys and values"]),
    (
        "msp: {id: northwind}\ntenants:\n  - {id: acme}\n",
        [
            "nhiscan.yaml:1: msp.id: the MSP is a tenant too:"
            " add {id: northwind, kind: msp} to tenants"
        ],
    ),
    (
        HEAD + "  - {id: other, kind: msp}\n",
        [
            "nhiscan.yaml:4: tenants[1].kind: only 'northwind', which msp.id names,"
            " can be of kind msp"
        ],
    ),
    (HEAD + "tenats: []\n", ['nhiscan.yaml:4: unknown key "tenats"; did you mean "tenants"?']),
    (
        HEAD + "store: a\nstore: b\n",
        ['nhiscan.yaml:5: "store" stands here twice (line 4)'],
    ),
    (HEAD + "\tstore: a\n", ["nhiscan.yaml:4: not YAML: a tab; indent with spaces"]),
    (
        HEAD + "store: [a\n",
        ["nhiscan.yaml:5: not YAML: expected ',' or ']', but got '<stream end>'"],
    ),
    (HEAD + "? [a]\n: b\n", ["nhiscan.yaml:4: a key must be plain text"]),
    (HEAD + "store: 7\n", ['nhiscan.yaml:4: store: text is wanted: write "7", with the quotes']),
    (HEAD + "store: {}\n", ["nhiscan.yaml:4: store: expected text, not keys and values"]),
    (
        HEAD + "policy: {dormant_day: 3}\n",
        ['nhiscan.yaml:4: policy: unknown key "dormant_day"; did you mean "dormant_days"?'],
    ),
    (
        HEAD + "policy: {dormant_days: -1}\n",
        ["nhiscan.yaml:4: policy.dormant_days: expected a whole number >= 0"],
    ),
    (
        HEAD + "policy: {token_max_age: ninety}\n",
        ["nhiscan.yaml:4: policy.token_max_age: expected a whole number, not text"],
    ),
    (
        HEAD + "  - {id: Acme}\n  - {id: ../x}\n",
        [
            "nhiscan.yaml:4: tenants[1].id: 'Acme': small letters, digits, - _ . are allowed,"
            " at most 63",
            "nhiscan.yaml:5: tenants[2].id: '../x': small letters, digits, - _ . are allowed,"
            " at most 63",
        ],
    ),
    (
        HEAD + "  - {id: acme}\n  - {id: beta}\n  - {id: acme}\n",
        ["nhiscan.yaml:6: tenants[3].id: 'acme' is the id of the tenant in line 4 already"],
    ),
    (HEAD + "  - {name: x}\n", ['nhiscan.yaml:4: tenants[1]: "id" is missing']),
    (HEAD + "  - {id: yes}\n", [
        'nhiscan.yaml:4: tenants[1].id: text is wanted: write "yes", with the quotes',
    ]),
    (HEAD + "  - {id: a, kind: clint}\n", [
        "nhiscan.yaml:4: tenants[1].kind: expected one of: client, msp, subservice",
    ]),
    (HEAD + "  - {id: a, group: A B}\n", [
        "nhiscan.yaml:4: tenants[1].group: 'A B': small letters, digits, - _ . are allowed,"
        " at most 63",
    ]),
    (HEAD + "  - {id: a, providers: {type: aws}}\n", [
        "nhiscan.yaml:4: tenants[1].providers: expected a list, not keys and values",
    ]),
    (
        ENTRY + "{type: aws, rol_arn: x}\n",
        [
            'nhiscan.yaml:6: tenants[1].providers[0]: unknown key "rol_arn";'
            ' did you mean "role_arn"?'
        ],
    ),
    (
        ENTRY + "{type: aw}\n",
        ['nhiscan.yaml:6: tenants[1].providers[0]: no provider "aw"; did you mean "aws"?'],
    ),
    (ENTRY + "{type: [aws]}\n", [
        'nhiscan.yaml:6: tenants[1].providers[0]: "type" is wanted, one of: aws, azure, gcp',
    ]),
    (ENTRY + "aws\n", [
        'nhiscan.yaml:6: tenants[1].providers[0]: "type" is wanted, one of: aws, azure, gcp',
    ]),
    (
        ENTRY + "{type: aws,\n         role_arn: nonsense}\n",
        ["nhiscan.yaml:7: tenants[1].providers[0]: role_arn: not the ARN of an IAM role"],
    ),
    (
        ENTRY + '{type: aws, accounts: [011122223333,\n        "1", 111122223333]}\n',
        [
            "nhiscan.yaml:6: tenants[1].providers[0].accounts[0]: text is wanted:"
            ' write "011122223333", with the quotes',
            "nhiscan.yaml:7: tenants[1].providers[0].accounts[2]: text is wanted:"
            ' write "111122223333", with the quotes',
        ],
    ),
    (
        ENTRY + "{type: aws, external_id: 4711}\n",
        [
            "nhiscan.yaml:6: tenants[1].providers[0].external_id: text is wanted:"
            ' write "4711", with the quotes'
        ],
    ),
    (
        ENTRY + "type: aws\n        organization: true\n        map:\n"
        '          "111122223333": acne\n',
        [
            'nhiscan.yaml:9: tenants[1].providers[0].map.111122223333: no tenant "acne";'
            ' did you mean "acme"?'
        ],
    ),
    (
        ENTRY + '{type: aws, accounts: ["111122223333"]}\n  - id: beta\n    providers:\n'
        '      - {type: aws, accounts: ["111122223333"]}\n',
        [
            "nhiscan.yaml:9: tenants[2].providers[0]: account 111122223333 belongs to tenant"
            " acme already"
        ],
    ),
    (
        HEAD + "roster: [none.csv]\nvendors: none.yaml\n",
        [
            "nhiscan.yaml:4: roster[0]: none.csv: no such file",
            "nhiscan.yaml:5: vendors: none.yaml: no such file",
        ],
    ),
    (
        "msp: {id: northwind, nmae: x}\ntenants:\n  - {id: northwind, kind: msp, color: red}\n"
        "polcy: {}\n",
        [
            'nhiscan.yaml:1: msp: unknown key "nmae"; did you mean "name"?',
            'nhiscan.yaml:4: unknown key "polcy"; did you mean "policy"?',
            'nhiscan.yaml:3: tenants[0]: unknown key "color"; known: id, name, kind, group,'
            " contacts, providers",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), GOLDEN)
def test_complaints(folder: Folder, text: str, problems: list[str]) -> None:
    assert folder.problems(text) == problems


CLEAR = [
    ENTRY + "{type: aws, client_secret: hunter2-abc}\n",
    ENTRY + "{type: aws, ca: hunter2-abc}\n",
    ENTRY + "{type: aws, secret_access_key: {value: hunter2-abc}}\n",
    ENTRY + "{type: aws, tokens: [hunter2-abc]}\n",
    ENTRY + "{type: {token: hunter2-abc}}\n",
    HEAD + "password: hunter2-abc\n",
    HEAD + "  - {id: a, contacts: {api_key: hunter2-abc}}\n",
    HEAD + "msp_token: *hunter2-abc\n",
    HEAD + "msp_token: !hunter2-abc x\n",
    HEAD + "msp_token: !!int hunter2-abc\n",
    HEAD + "msp_token: &hunter2-abc\n? &hunter2-abc b\n: *c\n",
    HEAD + 'msp_token: "\\hunter2-abc"\n',
    HEAD + "msp_token: %hunter2-abc\n",
]


@pytest.mark.parametrize("text", CLEAR)
def test_a_secret_in_clear_is_refused_and_not_repeated(folder: Folder, text: str) -> None:
    problems = folder.problems(text)
    assert problems
    assert "hunter2" not in "\n".join(problems)


@pytest.mark.parametrize("value", ["hunter2", "12345", "2026-13-45", "true", "env:", "file:"])
def test_no_kind_of_value_is_a_secret_in_clear_that_passes(folder: Folder, value: str) -> None:
    problems = folder.problems(ENTRY + f"{{type: aws, ca: {value}}}\n")
    assert problems
    assert value not in problems[0].partition(": ")[2].replace("env:NAME or file:PATH", "")


def test_a_refused_secret_says_what_to_write(folder: Folder) -> None:
    problems = folder.problems(ENTRY + "{type: aws, ca: hunter2}\n")
    assert problems == [
        "nhiscan.yaml:6: tenants[1].providers[0].ca: a secret in clear is refused;"
        " write env:NAME or file:PATH"
    ]


def test_no_alias_unfolds_without_end(folder: Folder) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (problem,) = folder.problems("\n".join(lines))
    assert problem.endswith("aliases unfold without end")
    (problem,) = folder.problems("a: &a [*a]\n")
    assert problem.endswith("aliases unfold without end")


def test_depth_is_no_crash(folder: Folder) -> None:
    assert folder.problems("[" * 20_000) == ["nhiscan.yaml:1: nested too deeply"]


def test_what_is_no_text(folder: Folder) -> None:
    Path("nhiscan.yaml").write_bytes(b"msp: \xff\n")
    assert folder.problems() == ["nhiscan.yaml:1: not UTF-8 text (byte 5)"]
    Path("nhiscan.yaml").write_bytes(b"msp: \x00\n")
    assert folder.problems() == [
        "nhiscan.yaml:1: not YAML: it holds a character that YAML does not allow"
    ]
    Path("nhiscan.yaml").unlink()
    Path("nhiscan.yaml").mkdir()
    assert folder.problems() == ["nhiscan.yaml:1: Is a directory"]


def test_no_file_at_all(folder: Folder) -> None:
    assert folder.problems() == ["nhiscan.yaml: no such file"]


def test_loading_an_aws_entry_loads_no_sdk(folder: Folder) -> None:
    folder.write(nhiscan_yaml=ENTRY + "{type: aws}\n")
    script = (
        "import sys; from pathlib import Path; from nhiscan.config.load import load;"
        "load(Path('nhiscan.yaml')); print('boto3' in sys.modules, 'botocore' in sys.modules)"
    )
    result = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    assert result.stdout.split() == ["False", "False"]


def test_the_digest_of_entries_tells_what_a_resumed_scan_depends_on(folder: Folder) -> None:
    from nhiscan.config.load import entries_digest

    first = entries_digest(folder.load(ENTRY + "{type: aws, profile: one}\n"))
    assert entries_digest(folder.load(ENTRY + "{type: aws, profile: one}\npolicy: {}\n")) == first
    assert entries_digest(folder.load(ENTRY + "{type: aws, profile: two}\n")) != first
