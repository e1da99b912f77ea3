"""Page files from Python: a machine goes on where another was saved, and reports a damaged page."""

from pathlib import Path

import pytest

from metadream._core import Machine, Program
from metadream.metamath_db.errors import InputError

MAKE = ".block main\n  MOV 0:0:0, #20\n  MOV 1:0:0, #22\n  LINK.edge 0:0:0, 1:0:0\n"
ADD = ".block main\n  MAP.add 0:0:5, 0:0:0*1, 1:0:0\n"


def saved(path: Path) -> Machine:
    machine = Machine()
    assert machine.run(Program.assemble(MAKE), 10)["stop"] == "end"
    machine.save_pages(path)
    return machine


def test_a_machine_goes_on_from_a_page_file(tmp_path: Path) -> None:
    first = saved(tmp_path / "pages")
    second = Machine()
    second.open_pages(tmp_path / "pages")
    assert second.unread_pages() == 2
    assert second.links("0:0:0") == first.links("0:0:0")
    assert second.unread_pages() == 1
    assert second.hashes()["workspace_sha256"] == first.hashes()["workspace_sha256"]
    assert second.run(Program.assemble(ADD), 10)["stop"] == "end"
    cell = second.cell("0:0:5")
    assert cell is not None and cell["value"] == 42
    with pytest.raises(InputError, match="used already"):
        second.open_pages(tmp_path / "pages")
    with pytest.raises(InputError, match="a session begins with an empty workspace"):
        second.log_to(tmp_path / "log")


def test_a_damaged_page_is_a_fault_and_an_input_error(tmp_path: Path) -> None:
    saved(tmp_path / "pages")
    damaged = bytearray((tmp_path / "pages").read_bytes())
    damaged[16_384 + 12 + 3] ^= 1  # page 1, behind page 0 and its link
    (tmp_path / "damaged").write_bytes(damaged)
    machine = Machine()
    machine.open_pages(tmp_path / "damaged")
    fault = machine.run(Program.assemble(ADD), 10)["fault"]
    assert (fault["kind"], fault["address"]) == ("storage", "1:0:0")
    for look in (lambda: machine.cell("1:0:0"), machine.cells, machine.hashes, lambda: machine.links("1:0:3")):
        with pytest.raises(InputError, match=r"page 1 of .*SHA-256") as caught:
            look()
        assert "\n" not in str(caught.value)
    cell = machine.cell("0:0:0")
    assert cell is not None and cell["value"] == 20
    (tmp_path / "cut").write_bytes(damaged[:-1])
    with pytest.raises(InputError, match="cut: this is no page file, or it was cut off"):
        Machine().open_pages(tmp_path / "cut")
