"""What all tests share."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def root() -> Path:
    """The repository's root folder."""
    return ROOT


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder for each test: no test sees or touches the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("METADREAM_TRACEBACK", raising=False)
    return tmp_path / "cache" / "metadream" / "data"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that was skipped was not run: the suite fails. What needs fetched data is marked so, and left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


Metadream = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def metadream() -> Metadream:
    """Run the installed command: ``metadream("data", "list", cwd=...)``."""

    def run(*arguments: object, cwd: Path = ROOT, **more: object) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("metadream")), *map(str, arguments)]
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, cwd=cwd, env=os.environ.copy(), capture_output=True, text=True, timeout=120, **more
        )

    return run


@pytest.fixture(scope="session")
def small_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter database with proofs in it: those that a short search finds, most of its theorems stay open."""
    from metadream import _core
    from metadream.metamath_db.core import load_theory
    from metadream.metamath_db.data import STARTER, resolve_database
    from metadream.wake_sleep.search.options import search_options

    theory = load_theory(resolve_database(STARTER))
    ranker = _core.Ranker(0)
    ranker.fit(theory, [], [], 0)
    found = [_core.search(theory, ranker, label, search_options(300))["proof"] for label in theory.theorems()]
    path = tmp_path_factory.mktemp("database") / "small.mm"
    path.write_bytes(theory.database_with_library([proof for proof in found if proof is not None]))
    return path
