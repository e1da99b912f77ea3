"""Databases by name: the cache, its hashes, and what is said when something is missing."""

import functools
import hashlib
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from metadream.metamath_db import data
from metadream.metamath_db.errors import InputError

TEXT = b"$c |- $.\n"
SHA256 = hashlib.sha256(TEXT).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "given.mm"
    path.write_bytes(TEXT)
    return path


@pytest.fixture
def url(tmp_path: Path, file: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/given.mm"
        server.shutdown()


def test_from_file(file: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = data.get("set.mm", str(file))
    assert (entry.name, entry.sha256, entry.bytes) == ("set", SHA256, len(TEXT))
    assert entry.path == cache / SHA256[:16] / "set.mm"
    assert entry.path.read_bytes() == TEXT
    assert json.loads((cache / "set.json").read_text())["sha256"] == SHA256
    note = capsys.readouterr().err
    assert SHA256 in note
    assert data.DEBIAN["set"].sha256 in note  # not Debian's file: both are named
    file.unlink()  # offline from here on
    assert data.get("set") == entry
    assert data.resolve_database("set") == data.resolve_database("set.mm") == entry.path
    assert data.entries() == [entry]
    assert sorted(p.name for p in cache.iterdir()) == [SHA256[:16], "set.json"]  # nothing is left aside


def test_sha256_is_checked(file: Path, cache: Path) -> None:
    with pytest.raises(InputError, match="expected 0000"):
        data.get("set", str(file), "0" * 64)
    assert data.entries() == []
    assert list(cache.iterdir()) == []
    assert data.get("set", str(file), SHA256.upper()).sha256 == SHA256
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        data.get("set", str(file), "abc")


def test_from_url(url: str) -> None:
    with pytest.raises(InputError, match="needs --sha256"):
        data.get("mine", url)
    with pytest.raises(InputError, match="could not be fetched"):
        data.get("mine", url + "x", SHA256)
    with pytest.raises(InputError, match="http or https"):
        data.get("mine", "file:///etc/passwd", SHA256)
    assert data.get("mine", url, SHA256).path.read_bytes() == TEXT


def test_too_large(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "MAX_BYTES", 3)
    with pytest.raises(InputError, match="larger than"):
        data.get("mine", url, SHA256)
    assert data.entries() == []


def test_changed_file_is_refused(file: Path) -> None:
    entry = data.get("mine", str(file))
    entry.path.write_bytes(TEXT + b"$c wrong $.\n")
    with pytest.raises(InputError, match=r"changed on disk.*run 'metadream data get mine'"):
        data.resolve_database("mine")
    entry.path.unlink()
    with pytest.raises(InputError, match="run 'metadream data get mine'"):
        data.resolve_database("mine")
    assert data.get("mine", str(file)) == entry  # fetching again mends it
    assert data.resolve_database("mine") == entry.path


def test_newer_file_replaces_older(file: Path, cache: Path) -> None:
    older = data.get("mine", str(file))
    shared = data.get("other", str(file))
    file.write_bytes(b"$c newer $.\n")
    newer = data.get("mine", str(file))
    assert not older.path.exists()
    assert data.entry("mine") == newer
    assert data.entry("other") == shared
    assert len(list(cache.glob("*/*.mm"))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        "\udcff",
        '{"schema": 1, "name": "mine", "file": "../../x", "sha256": "%s", "bytes": 1, "source": ""}',
    ],
)
def test_foreign_manifest_is_refused(file: Path, cache: Path, text: str) -> None:
    data.get("mine", str(file))
    (cache / "mine.json").write_bytes(text.replace("%s", SHA256).encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=r"mine\.json: expected a manifest"):
        data.entry("mine")
    data.get("mine", str(file))
    assert data.entry("mine") is not None


@pytest.mark.parametrize("name", ["", "../x", "a/b", "starter", ".hidden", "x" * 65])
def test_bad_names(name: str, file: Path) -> None:
    with pytest.raises(InputError, match="is no name for a database"):
        data.get(name, str(file))


def test_existing_path_wins(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.get("set", str(file))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "set.mm").write_bytes(b"$c mine $.\n")
    assert data.resolve_database("set.mm") == Path("set.mm")
    assert data.resolve_database("set") != Path("set.mm")
    (tmp_path / "set").mkdir()  # a folder is no database: the name still counts
    assert data.resolve_database("set").name == "set.mm"


def test_what_to_do_when_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run 'metadream data get iset'"):
        data.resolve_database("iset.mm")
    with pytest.raises(InputError, match=r"no such file; name an existing \.mm file or one of starter, set"):
        data.resolve_database(tmp_path / "nowhere.mm")
    with pytest.raises(InputError, match="this is a folder"):
        data.resolve_database(tmp_path)


def test_starter_is_packaged() -> None:
    assert data.resolve_database("starter") == Path(data.__file__).with_name("starter.mm")


def test_verifier_from_cache_then_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert data.find_metamath_exe() is None
    program = tmp_path / "metamath"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert data.find_metamath_exe() == program
    entry = data.get("metamath", str(program))
    assert data.find_metamath_exe() == entry.path
    assert os.access(entry.path, os.X_OK)


def fake_tools(folder: Path, script: str) -> None:
    folder.mkdir()
    (folder / "apt-get").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "apt-get").chmod(0o755)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'E: Unable to locate package metamath-databases' >&2; exit 100", "run 'sudo apt-get update'"),
        ("echo 'W: sandbox' >&2; echo 'E: Failed to fetch it' >&2; exit 100", "E: Failed to fetch it"),
        ("exit 0", "apt-get left 0 packages"),
    ],
)
def test_apt_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str) -> None:
    fake_tools(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(InputError, match=said):
        data.get("set")


def test_no_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get is not here"):
        data.get("set")


@pytest.mark.data  # needs Debian's dpkg
def test_debian_package_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole route with apt-get played by a script that packs a newer demo0.mm, and the real dpkg."""
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: metamath-databases\nVersion: 9\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: x\n"
    )
    folder = tree / "usr" / "share" / "metamath" / "databases"
    folder.mkdir(parents=True)
    (folder / "demo0.mm").write_bytes(TEXT)
    package = tmp_path / "metamath-databases_9_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, package], check=True, capture_output=True)
    fake_tools(tmp_path / "bin", f"cp '{package}' .")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    entry = data.get("demo0")
    assert (entry.sha256, entry.source) == (SHA256, "Debian metamath-databases 9")
    with pytest.raises(InputError, match=r"holds no file usr/share/metamath/databases/set\.mm"):
        data.get("set")


@pytest.mark.data
@pytest.mark.parametrize("name", ["hol", "metamath"])
def test_debian(name: str) -> None:
    assert data.get(name).bytes > 80_000
