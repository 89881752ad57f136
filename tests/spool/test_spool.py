"""A spool comes back as it went in, and no damage or malice in it passes unnoticed."""

import gzip
import json
import os
import stat
import subprocess
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nhiscan import spool
from nhiscan.errors import SpoolError
from nhiscan.records import AnyRecord, Coverage, Grant, Identity, Usage

AT = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)


def header(**changes: Any) -> spool.Header:
    values: dict[str, Any] = {
        "tool": "nhiscan 0.1.0",
        "scan_id": "20261101T060000Z",
        "part": "collect",
        "tenant_id": "acme",
        "provider": "aws",
        "account": "111122223333",
        "started_at": AT,
    }
    return spool.Header(**values | changes)


def identity(name: str = "backup", **changes: Any) -> Identity:
    values: dict[str, Any] = {
        "key": name,
        "kind": "role",
        "native_type": "aws.iam.role",
        "native_id": f"arn:aws:iam::111122223333:role/{name}",
        "name": name,
        "class_": "machine",
        "class_rule": "H01",
        "class_evidence": "trusted by a service",
        "source": "iam.authorization_details",
    }
    return Identity(**values | changes)


RECORDS: list[AnyRecord] = [
    identity(tags={"owner": "ann@acme.example"}, created_at=AT, attributes={"n": [1, {"a": None}]}),
    Usage(subject="identity", key="backup", usage="never", source="s", read_at=AT),
    Coverage(source="s", state="denied", reason="no permission"),
]


def write(path: Path, records: list[AnyRecord] | None = None) -> spool.End:
    return spool.write(
        path, header(), RECORDS if records is None else records, finished_at=lambda: AT
    )


def read(path: Path) -> list[AnyRecord]:
    with spool.read(path) as reader:
        return list(reader)


def lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def damaged(path: Path) -> str:
    with pytest.raises(SpoolError) as caught:
        read(path)
    assert str(path) in caught.value.message
    return caught.value.message


def sealed(path: Path, body: list[bytes], **end: Any) -> None:
    """Write lines with an end line that fits them, as somebody would who means harm."""
    data = b"".join(body)
    last = {"record": "end", "records": len(body) - 1, "sha256": sha256(data).hexdigest()}
    last |= {"finished_at": "2026-11-01T06:00:00Z"} | end
    path.write_bytes(gzip.compress(data + json.dumps(last).encode() + b"\n"))


def test_records_come_back_as_they_went_in(tmp_path: Path) -> None:
    end = write(tmp_path / "a.jsonl.gz")
    with spool.read(tmp_path / "a.jsonl.gz") as reader:
        assert reader.header == header()
        assert reader.end is None
        assert list(reader) == RECORDS
        assert reader.end == end
    assert end.records == 3


def test_a_person_reads_it_with_zcat(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write(path)
    shown = subprocess.run(["/bin/zcat", path], capture_output=True, check=True, text=True).stdout  # noqa: S603 - our file
    rows = [json.loads(line) for line in shown.splitlines()]
    assert rows[0]["format"] == "nhiscan-spool"
    assert [row.get("record") for row in rows[1:]] == ["identity", "usage", "coverage", "end"]
    body = "".join(line for line in shown.splitlines(keepends=True)[:-1])
    assert rows[-1]["sha256"] == sha256(body.encode()).hexdigest()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "a.jsonl.gz")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.jsonl.gz").stat().st_mode) == 0o600


def test_the_same_unit_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl.gz")
    write(tmp_path / "b.jsonl.gz")
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write(path)
    before = path.read_bytes()

    def broken() -> Iterator[AnyRecord]:
        yield RECORDS[0]
        raise ConnectionError("reset by peer")

    with pytest.raises(ConnectionError):
        spool.write(path, header(), broken(), finished_at=lambda: AT)
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl.gz"]
    assert path.read_bytes() == before


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / f".a.jsonl.gz.{os.getpid()}.part").symlink_to(victim)
    write(tmp_path / "a.jsonl.gz")
    assert victim.read_text() == "kept"
    assert len(read(tmp_path / "a.jsonl.gz")) == 3


def test_a_disk_that_is_full_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SpoolError, match="cannot be written: No such file"):
        write(tmp_path / "nowhere" / "a.jsonl.gz")
    with Path("/dev/full").open("wb", buffering=0) as full:
        disk = spool._Disk(full, tmp_path / "a.jsonl.gz")
        with pytest.raises(SpoolError, match=r"a\.jsonl\.gz: cannot be written: No space left"):
            disk.write(b"x")


def test_memory_follows_one_record_not_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl.gz"
    count = 30_000
    tracemalloc.start()
    many = (identity(f"role-{n}", class_evidence="x" * 300) for n in range(count))
    spool.write(path, header(), many, finished_at=lambda: AT)
    with spool.read(path) as reader:
        assert sum(1 for _ in reader) == count
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 << 20, "the whole unit is 18 MB"


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        damaged(path)


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write(path)
    whole = bytearray(path.read_bytes())
    # Bytes 3 to 9 of a gzip header are flags, time and system: they say nothing about the data.
    for position in range(10, len(whole)):
        changed = whole.copy()
        changed[position] ^= 0x11
        path.write_bytes(changed)
        damaged(path)


def test_missing_and_foreign_files(tmp_path: Path) -> None:
    assert "No such file" in damaged(tmp_path / "none")
    assert "Is a directory" in damaged(tmp_path)
    path = tmp_path / "a"
    for content in (b"", b"hello\n", gzip.compress(b""), gzip.compress(b"hello\n"), b"\x1f\x8b"):
        path.write_bytes(content)
        assert ":1: " in damaged(path)
    path.write_bytes(gzip.compress(b'{"format": "other"}\n'))
    assert "not a spool file" in damaged(path)


def test_another_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b'{"format": "nhiscan-spool", "version": 7, "new": true}\n'))
    assert "spool version 7; this nhiscan reads 1" in damaged(path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant_id", "acme/aws"),
        ("tenant_id", ""),
        ("provider", "aws/x"),
        ("account", ""),
        ("part", "merge"),
        ("started_at", "2026-11-01T06:00:00"),
        ("sliding", "all"),
    ],
)
def test_a_header_that_would_mislead_is_refused(tmp_path: Path, field: str, value: str) -> None:
    path = tmp_path / "a"
    write(path)
    first = json.loads(lines(path)[0]) | {field: value}
    sealed(path, [json.dumps(first).encode() + b"\n"])
    assert f"{path}:1: header: " in damaged(path)


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"not json",
        b'{"record": "header"}',
        b'{"record": "coverage", "source": "s", "state": "fine"}',
        b'{"record": "coverage", "source": 7, "state": "complete"}',
        b'{"record": "coverage", "state": "complete"}',
        b'{"record": "coverage", "source": "\xff", "state": "complete"}',
        b'{"record": "coverage", "source": "\\ud800", "state": "complete"}',
        b'{"record": "identity", "attributes": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    ],
)
def test_a_wrong_line_is_named_by_its_number(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a"
    write(path)
    good = lines(path)
    sealed(path, [*good[:3], line + b"\n", good[3]])
    assert f"{path}:4: " in damaged(path)


def test_a_line_without_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    write(path)
    start = lines(path)[0] + b'{"record": "coverage", "source": "'
    with gzip.open(path, "wb", compresslevel=1) as bomb:
        bomb.write(start)
        for _ in range(64):
            bomb.write(b"a" * (1 << 20))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    assert f"{path}:2: line is longer than 4 MiB" in damaged(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20
    path.write_bytes(gzip.compress(b'{"format":"' + b"a" * (8 << 20) + b'"}\n'))
    assert "not a spool file" in damaged(path)


def test_what_stands_after_the_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path)
    whole = path.read_bytes()
    for more in (b"junk", gzip.compress(b'{"record": "coverage"}\n'), gzip.compress(b"x")):
        path.write_bytes(whole + more)
        damaged(path)
    path.write_bytes(whole)
    good = lines(path)
    path.write_bytes(gzip.compress(b"".join([*good, good[-1]])))
    assert f"{path}:5: an end line, and not the last" in damaged(path)


def test_a_wrong_count_or_sum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path)
    body = lines(path)[:-1]
    sealed(path, body, records=2)
    assert "counts 2 records, the file holds 3" in damaged(path)
    sealed(path, body, sha256="0" * 64)
    assert "SHA-256" in damaged(path)


def test_half_a_surrogate_pair_is_stored_as_a_replacement(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, [identity("a\ud800b", tags={"\udfff": "x"}, created_at=AT)])
    assert read(path) == [identity("a\ufffdb", tags={"\ufffd": "x"}, created_at=AT)]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
moments = st.datetimes(timezones=st.just(UTC))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
records = st.one_of(
    st.builds(
        identity,
        text,
        tags=st.dictionaries(text, text, max_size=4),
        attributes=st.dictionaries(text, values, max_size=4),
        created_at=st.none() | moments,
        enabled=st.none() | st.booleans(),
    ),
    st.builds(
        Grant,
        identity=text,
        scope=text,
        role=text,
        action_class=st.sampled_from(["read", "iam"]),
        verdict=st.just("granted"),
        via=text,
        actions=st.lists(text, max_size=5),
        source=text,
    ),
    st.builds(Coverage, source=text, state=st.just("partial"), reason=st.none() | text),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=12))
def test_any_text_survives(tmp_path: Path, given_records: list[AnyRecord]) -> None:
    path = tmp_path / "a.jsonl.gz"
    write(path, given_records)
    assert read(path) == given_records
