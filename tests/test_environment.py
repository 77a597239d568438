"""Making the environment: what is installed when, and what is said when it cannot be."""

import subprocess
import sys
from pathlib import Path

import pytest

from bookbuild import __main__ as command_line
from bookbuild import environment, pages, paths


@pytest.fixture
def bare(little_book, monkeypatch):
    """A clone without an environment, in a Python that lacks the book's packages."""
    little_book.write("pyproject.toml", "[project]\n")
    folder = little_book.root / ".venv"
    monkeypatch.setattr(environment, "ENVIRONMENT", folder)
    monkeypatch.setattr(environment, "STAMP", folder / "installed")
    monkeypatch.setattr(environment, "_active_environment_serves", lambda: False)
    monkeypatch.setattr(environment, "torch_source", list)
    return little_book


@pytest.fixture
def pip(monkeypatch):
    """Replace every command by a record of it, which succeeds."""
    calls = []

    def run(command, **_):
        calls.append([str(word) for word in command])
        return subprocess.CompletedProcess(command, pip_result[0])

    pip_result = [0]
    calls_and_result = type("Pip", (), {"calls": calls, "result": pip_result})
    monkeypatch.setattr(environment.subprocess, "run", run)
    monkeypatch.setattr(
        environment.venv, "create", lambda folder, **_: Path(folder).mkdir(exist_ok=True)
    )
    return calls_and_result


def installs(pip):
    return [call for call in pip.calls if "install" in call]


def test_the_first_call_installs_with_the_pinned_versions(bare, pip):
    assert environment.ensure() == str(environment.interpreter())
    torch, book = installs(pip)
    assert torch[-1] == "torch"
    assert book[-2:] == ["-e", f"{paths.ROOT}[book,test]"]
    for call in (torch, book):
        assert call[call.index("-c") + 1] == str(paths.CONSTRAINTS)


def test_a_second_call_does_nothing(bare, pip):
    environment.ensure()
    pip.calls.clear()
    environment.ensure()
    assert pip.calls == []


def test_new_pins_install_again(bare, pip):
    environment.ensure()
    pip.calls.clear()
    bare.write("constraints.txt", "numpy==3\n")
    environment.ensure()
    assert len(installs(pip)) == 2


def test_the_newest_versions_are_installed_without_pins_and_the_pins_come_back(
    bare, pip, monkeypatch
):
    monkeypatch.setenv("BOOK_NEWEST", "1")
    environment.ensure()
    assert len(installs(pip)) == 2
    assert all("--upgrade" in call and "-c" not in call for call in installs(pip))
    pip.calls.clear()
    environment.ensure()
    assert pip.calls == []
    monkeypatch.setenv("BOOK_NEWEST", "0")
    environment.ensure()
    assert len(installs(pip)) == 2
    assert all("--upgrade" not in call and "-c" in call for call in installs(pip))


def test_results_on_the_newest_versions_are_not_taken_for_those_on_the_pinned_ones(
    little_book, monkeypatch
):
    little_book.add_page("heat", "x = 1")
    monkeypatch.delenv("BOOK_NEWEST", raising=False)
    keys = [pages.page_key(*little_book.pages(), {})]
    for setting in ("0", "1"):
        monkeypatch.setenv("BOOK_NEWEST", setting)
        keys.append(pages.page_key(*little_book.pages(), {}))
    assert keys[0] == keys[1] != keys[2]


def test_an_installation_that_failed_is_not_taken_for_done(bare, pip):
    pip.result[0] = 1
    with pytest.raises(environment.SetUpError, match="run the same command again"):
        environment.ensure()
    pip.result[0] = 0
    pip.calls.clear()
    environment.ensure()
    assert len(installs(pip)) == 2


def test_an_active_environment_that_has_everything_is_used(monkeypatch):
    monkeypatch.setattr(environment, "ENVIRONMENT", Path("/nowhere"))
    monkeypatch.setenv("CONDA_PREFIX", "/somewhere")
    assert environment.ensure() == sys.executable


def test_an_active_environment_that_lacks_something_is_not(monkeypatch):
    monkeypatch.setattr(environment, "ENVIRONMENT", Path("/nowhere"))
    monkeypatch.setattr(environment, "NEEDED", ("no_such_package_anywhere",))
    assert not environment._active_environment_serves()


def test_another_python_on_the_path_serves(monkeypatch, pip):
    monkeypatch.setattr(environment, "SUPPORTED", ((9, 9),))
    monkeypatch.setattr(environment.shutil, "which", lambda name: f"/opt/{name}")
    assert environment._supported_python() == "/opt/python9.9"


def test_without_a_supported_python_the_message_says_which(monkeypatch):
    monkeypatch.setattr(environment, "SUPPORTED", ((9, 9),))
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(environment.SetUpError, match=r"needs Python 3\.11 or 3\.12"):
        environment._supported_python()


@pytest.mark.parametrize(
    ("system", "profile", "answers", "expected"),
    [
        ("Linux", "laptop", True, ["--extra-index-url", environment.CPU_WHEELS]),
        ("Linux", "laptop", False, []),
        ("Linux", "gpu", True, []),
        ("Darwin", "laptop", True, []),
    ],
)
def test_linux_prefers_the_small_torch_if_it_can_be_reached(
    monkeypatch, system, profile, answers, expected
):
    class Answer:
        def close(self):
            pass

    def open_address(address, timeout):
        assert timeout <= 5
        if not answers:
            raise OSError("unreachable")
        return Answer()

    monkeypatch.setattr(environment.platform, "system", lambda: system)
    monkeypatch.setenv("MLEARTH_PROFILE", profile)
    monkeypatch.setattr(environment.urllib.request, "urlopen", open_address)
    assert environment.torch_source() == expected


def test_the_command_line_needs_only_the_standard_library():
    """On a machine with nothing installed, help and set-up must still start."""
    code = f"import sys; sys.path.insert(0, {str(paths.CODE)!r})\n"
    code += "from bookbuild import __main__ as m; m.main(['help'])"
    command = [sys.executable, "-I", "-S", "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    for name in command_line.COMMANDS:
        assert name in told.stdout


def test_a_command_is_rerun_inside_the_environment(monkeypatch):
    seen = {}

    class Process:
        interrupted = False

        def __init__(self, command, cwd, env):
            seen.update(command=command, cwd=cwd, env=env)

        def wait(self):
            if not self.interrupted:
                self.interrupted = True
                raise KeyboardInterrupt  # which the command receives too, and answers itself
            return 7

    monkeypatch.delenv(command_line.READY, raising=False)
    monkeypatch.setattr(command_line.environment, "ensure", lambda: "/venv/python")
    monkeypatch.setattr(command_line.subprocess, "Popen", Process)
    assert command_line.main(["test", "-k", "one"]) == 7
    assert seen["command"] == ["/venv/python", "-m", "bookbuild", "test", "-k", "one"]
    assert seen["env"][command_line.READY] == "1"
    assert seen["env"]["PYTHONPATH"].split(":")[0] == str(paths.CODE)


def test_a_failed_set_up_is_told_without_a_traceback(monkeypatch, capsys):
    def ensure():
        raise environment.SetUpError("no Python here")

    monkeypatch.delenv(command_line.READY, raising=False)
    monkeypatch.setattr(command_line.environment, "ensure", ensure)
    assert command_line.main(["book"]) == 1
    assert capsys.readouterr().err == "no Python here\n"


def test_an_interrupt_says_that_nothing_is_lost(monkeypatch, capsys):
    def ensure():
        raise KeyboardInterrupt

    monkeypatch.delenv(command_line.READY, raising=False)
    monkeypatch.setattr(command_line.environment, "ensure", ensure)
    assert command_line.main(["book"]) == 130
    assert "What is finished is kept" in capsys.readouterr().out


def test_the_pins_bring_no_cuda_and_no_torchvision():
    pins = (Path(__file__).parents[1] / "constraints.txt").read_text()
    names = [line.split("==")[0].lower() for line in pins.splitlines() if "==" in line]
    assert len(names) > 100
    assert [name for name in names if name.startswith(("nvidia", "cuda", "triton"))] == []
    assert "torchvision" not in names


def test_conda_users_get_the_same_python_and_pins():
    text = (Path(__file__).parents[1] / "environment.yml").read_text()
    assert "python=3.11" in text
    assert "-c constraints.txt" in text
    assert "[book,test]" in text
