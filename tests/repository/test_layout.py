"""The repository's shape: what is in a wheel, who imports whom, and what must not be there."""

import ast
import inspect
import os
import subprocess
import sys
import types
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

import pytest

from metadream import _core

FOLDERS = ["metamath_db", "dsl", "compression", "wake_sleep"]  # in the order of the data flow
LAYERS = [*FOLDERS, "cli"]


def git_files(root: Path, *paths: str) -> list[str]:
    """Files under `paths` that are tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z", "--", *paths]
    listed = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (root / name).exists())


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from the working tree; the release build that `make setup` made is used again."""
    root = Path(__file__).resolve().parents[2]
    out = tmp_path_factory.mktemp("wheel")
    maturin = Path(sys.executable).with_name("maturin")
    command = [str(maturin), "build", "--release", "--locked", "--interpreter", sys.executable, "--out", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "PYO3_PYTHON"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [path] = out.glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_holds_what_git_holds(root: Path, wheel: zipfile.ZipFile) -> None:
    expected = {f"metadream/{name}" for name in git_files(root, *FOLDERS, "cli.py")}
    expected |= {f"metadream/{name}" for name in ("__init__.py", "py.typed", "_core.pyi", "_core.abi3.so")}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert expected - packed == set(), "not in the wheel; see [tool.maturin] include"
    assert packed - expected == set(), "in the wheel, but not in git"


def test_wheel_has_no_leftovers(wheel: zipfile.ZipFile) -> None:
    assert [name for name in wheel.namelist() if "__pycache__" in name or name.endswith((".pyc", "~"))] == []


def test_wheel_has_command_and_licences(wheel: zipfile.ZipFile) -> None:
    names = {PurePosixPath(name).name: name for name in wheel.namelist()}
    assert "metadream=metadream.cli:command" in wheel.read(names["entry_points.txt"]).decode().replace(" ", "")
    assert {"LICENSE-MIT", "LICENSE-APACHE"} <= names.keys()


def test_lock_file_names_no_host(root: Path) -> None:
    lines = (root / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [line for line in pins if "==" not in line or "://" in line or line.startswith("-")] == []


# The folders


def test_package_is_links_to_the_folders(root: Path) -> None:
    for name in [*FOLDERS, "cli.py"]:
        link = root / "src" / "metadream" / name
        assert link.is_symlink()
        assert link.readlink() == Path("../..") / name


def test_compression_is_no_regular_package(root: Path) -> None:
    assert (root / "compression").is_dir()
    assert not (root / "compression" / "__init__.py").exists(), "it would hide Python 3.14's compression from gzip"


@pytest.mark.parametrize("arguments", [["-c", "import gzip"], ["cli.py", "--help"], ["-P", "cli.py", "--help"]])
def test_standard_library_is_reached_from_the_root(root: Path, arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# Imports go one way


def imported(path: Path, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of every import in a file, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def test_imports_follow_the_data_flow(root: Path) -> None:
    wrong = []
    for name in git_files(root, *(f"{folder}/*.py" for folder in FOLDERS), "cli.py"):
        parts = PurePosixPath(name).with_suffix("").parts
        package = ".".join(["metadream", *parts[:-1]])
        allowed = LAYERS[: LAYERS.index(parts[0]) + 1]
        for line, target in imported(root / name, package):
            first, *rest = target.split(".")
            if first in [*LAYERS, "benchmarks", "tests"]:
                wrong.append(f"{name}:{line}: {target}; write metadream.{target}, or move the code")
            elif first == "metadream" and rest and rest[0] in LAYERS and rest[0] not in allowed:
                wrong.append(f"{name}:{line}: {target} is further down the line than {parts[0]}")
    assert wrong == []


def test_help_imports_nothing_heavy(root: Path) -> None:
    code = "import sys, metadream.cli; metadream.cli.main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    loaded = set(done.stderr.split())
    assert loaded & {"torch", "numpy", "sklearn", "sympy", "networkx", "pyarrow", "joblib", "metadream._core"} == set()


# The stub of the Rust core


def stub_names(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """The public names that a stub's body declares."""
    names: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = node
        elif isinstance(node, ast.Assign):
            names.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
    return {name: node for name, node in names.items() if not name.startswith("_")}


def parameters(node: ast.FunctionDef) -> list[str]:
    """The names of a stub function's parameters, without self and cls."""
    rest = [argument for argument in (node.args.vararg, node.args.kwarg) if argument is not None]
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, *rest]
    return [argument.arg for argument in every if argument.arg not in ("self", "cls")]


def drift(where: str, body: list[ast.stmt], real: types.ModuleType | type) -> Iterator[str]:
    """Each difference between a stub's body and the module or class that it describes."""
    declared = stub_names(body)
    present = {name: value for name, value in vars(real).items() if not name.startswith("_")}
    yield from (f"{where}.{name} is in the stub only" for name in sorted(declared.keys() - present.keys()))
    yield from (f"{where}.{name} is not in the stub" for name in sorted(present.keys() - declared.keys()))
    for name in sorted(declared.keys() & present.keys()):
        node, value = declared[name], present[name]
        if isinstance(node, ast.ClassDef):
            if isinstance(value, type):
                yield from drift(f"{where}.{name}", node.body, value)
            else:
                yield f"{where}.{name} is no class"
        elif isinstance(node, ast.FunctionDef) and callable(value):
            try:
                real_parameters = [p for p in inspect.signature(value).parameters if p not in ("self", "cls")]
            except ValueError:  # compiled without a signature
                continue
            if real_parameters != parameters(node):
                yield f"{where}.{name} takes {real_parameters}, in the stub {parameters(node)}"


def test_stub_agrees_with_the_core(root: Path) -> None:
    stub = ast.parse((root / "src" / "metadream" / "_core.pyi").read_text())
    assert list(drift("_core", stub.body, _core)) == []


def test_drift_is_seen() -> None:
    real = types.ModuleType("real")
    exec(
        "def f(a, b): ...\nclass C:\n    def m(self, x): ...\n    def gone(self): ...\ndef extra(): ...", real.__dict__
    )
    stub = ast.parse("def f(a, c): ...\nclass C:\n    def m(self, x): ...\nmissing: int")
    assert list(drift("_core", stub.body, real)) == [
        "_core.missing is in the stub only",
        "_core.extra is not in the stub",
        "_core.C.gone is not in the stub",
        "_core.f takes ['a', 'b'], in the stub ['a', 'c']",
    ]


# The rooms

MOST_FILES = 12


def test_no_folder_holds_more_than_a_page_of_files(root: Path) -> None:
    names = git_files(root, *FOLDERS, "tests")
    folders = Counter(str(PurePosixPath(name).parent) for name in names if name.endswith(".py"))
    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


def test_no_circle_of_files(root: Path) -> None:
    names = git_files(root, *(f"{folder}/*.py" for folder in FOLDERS), "cli.py")
    modules = {".".join(["metadream", *PurePosixPath(name).with_suffix("").parts]): name for name in names}
    needs = {module: set(needed(root / name, module, modules.keys())) for module, name in modules.items()}
    assert circle(needs) is None


def needed(path: Path, module: str, modules: Collection[str]) -> Iterator[str]:
    """The modules that a file imports; a package's ``__init__`` counts as itself only where its names are taken."""
    for _, target in imported(path, module.rpartition(".")[0]):
        for name in (target, target.rpartition(".")[0]):
            if name in modules:
                yield name
                break


def circle(needs: Mapping[str, Collection[str]]) -> list[str] | None:
    """Modules of which each needs the next and the last the first, if there are such."""
    try:
        list(TopologicalSorter(needs).static_order())
    except CycleError as found:
        return list(found.args[1])
    return None


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) is None
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) or []) == {"a", "b", "c"}
