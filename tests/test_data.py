"""Faults, sources and bookkeeping of the data that the book loads."""

import contextlib
import errno
import hashlib
import http.server
import importlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlearth import data
from mlearth.data import download, entries, files, sea_level, studies
from mlearth.data.__main__ import main
from mlearth.data.shipped import SHA256 as SHIPPED

REPOSITORY = Path(__file__).resolve().parents[1]
NAME = "leaf_temperature"
HEADINGS = [column["heading"] for column in data.registry()[NAME].columns]
RESERVE = 0.9  # seconds for imports and the rest, within the 5 s that a build may lose


def table_bytes(n=805):
    """A made-up table with the right headings."""
    values = np.round(np.random.default_rng(1).uniform(0, 50, (n, len(HEADINGS))), 3)
    return pd.DataFrame(values, columns=HEADINGS).to_csv(index=False).encode()


GOOD = table_bytes()


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as its class attribute `behave` tells it to, and counts the requests."""

    def do_GET(self):
        type(self).requests += 1
        type(self).behave(self)

    def log_message(self, *args):
        pass


def deliver(body, claimed=None, status=200):
    def behave(self):
        self.send_response(status)
        self.send_header("Content-Length", str(claimed or len(body)))
        self.end_headers()
        self.wfile.write(body)

    return behave


def say_nothing(self):
    type(self).released.wait(30)


def trickle(self):
    self.send_response(200)
    self.send_header("Content-Length", str(len(GOOD)))
    self.end_headers()
    with contextlib.suppress(OSError):
        for byte in GOOD:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if type(self).released.wait(0.2):
                return


@pytest.fixture
def server():
    class Fresh(Server):
        requests = 0
        behave = deliver(GOOD)
        released = threading.Event()

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    Fresh.address = f"http://127.0.0.1:{listener.server_port}/df_prepped.csv"
    threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    yield Fresh
    Fresh.released.set()
    listener.shutdown()
    listener.server_close()


@pytest.fixture
def no_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/df_prepped.csv"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """An empty cache, temporary folder and data folder, and a registry that can be rewritten."""

    class World:
        root, cache, given, temporary = (tmp_path / n for n in ("", "cache", "given", "temporary"))
        cached = cache / "data" / "df_prepped.csv"

        @staticmethod
        def register(address="http://127.0.0.1:9/df_prepped.csv", body=GOOD):
            text = (REPOSITORY / "data" / "registry.toml").read_text(encoding="utf-8")
            real = data.registry()[NAME]
            text = text.replace(real.address, address).replace(str(real.bytes), str(len(body)))
            text = text.replace(real.sha256, hashlib.sha256(body).hexdigest())
            (tmp_path / "registry.toml").write_text(text, encoding="utf-8")
            monkeypatch.setattr(entries, "registry_path", lambda: tmp_path / "registry.toml")

        @classmethod
        def put(cls, path, body=GOOD):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)

        @classmethod
        def leftovers(cls):
            return [p for p in (*cls.cache.rglob("*"), *cls.temporary.rglob("*")) if p.is_file()]

    World.temporary.mkdir()
    for variable in ("MLEARTH_DATA", "MLEARTH_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MLEARTH_CACHE", str(World.cache))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download.tempfile, "tempdir", str(World.temporary))
    monkeypatch.setattr(files, "_network", files._Network())
    return World


def simulated(table):
    return not table.observed and "simulated" in table.origin


# ---------------------------------------------------------------- the registry


def test_every_registered_file_says_all_that_a_reader_must_know():
    bibliography = REPOSITORY / "book" / "references.bib"
    cited = bibliography.read_text(encoding="utf-8") if bibliography.exists() else None
    sheets = (REPOSITORY / "data" / "README.md").read_text(encoding="utf-8")
    assert NAME in data.registry()
    for entry in data.registry().values():
        assert entry.address.startswith("https://")
        assert entry.address.endswith(entry.file)
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert entry.licence
        assert entry.terms
        assert callable(getattr(data, entry.loader))
        assert len(entry.columns) == entry.shape[1]
        assert all(entry.units.values())
        assert f"(`{entry.name}`)" in sheets
        assert entry.stand_in in sheets
        for key in (entry.citation, entry.stand_in_citation):
            assert cited is None or f"{{{key}," in cited


def test_the_registered_stand_in_is_the_one_that_the_loader_calls(world, monkeypatch):
    module, function = data.registry()[NAME].stand_in.rsplit(".", 1)
    calls = []

    class Campaign:
        columns = dict.fromkeys(reversed(data.LEAF_COLUMNS), np.zeros(805))

    def record(rng, n_leaves):
        calls.append((rng.integers(1 << 30), n_leaves))
        return Campaign

    monkeypatch.setattr(importlib.import_module(module), function, record)
    monkeypatch.setenv("MLEARTH_OFFLINE", "1")
    frames = [data.load_leaves().frame for _ in range(2)]
    assert calls[0] == calls[1]
    assert calls[0][1] == 805
    assert list(frames[0].columns) == list(data.LEAF_COLUMNS)


def test_a_packaged_registry_comes_before_the_repositorys(tmp_path, monkeypatch):
    module = tmp_path / "code" / "mlearth" / "data" / "entries.py"
    monkeypatch.setattr(entries, "__file__", str(module))
    assert entries.registry_path() == tmp_path / "data" / "registry.toml"
    world_file = tmp_path / "code" / "mlearth" / "registry.toml"
    world_file.parent.mkdir(parents=True)
    world_file.touch()
    assert entries.registry_path() == world_file


def test_a_missing_registry_is_an_error_that_names_it(tmp_path, monkeypatch):
    monkeypatch.setattr(entries, "registry_path", lambda: tmp_path / "registry.toml")
    with pytest.raises(data.DataError, match=r"registry\.toml is missing. Install"):
        data.registry()


def test_an_unknown_entry_is_an_error_that_lists_the_known():
    with pytest.raises(data.DataError, match=f"no entry 'leaves'.*{NAME}"):
        data.state("leaves")


@pytest.mark.parametrize(
    "code",
    [
        "from mlearth import data\nleaves = data.load_leaves()",
        "from mlearth.data import load_leaves as get\nget()",
        "mlearth.data.load_leaves().frame",
        "data.fetch('leaf_temperature')",
        "%matplotlib inline\nload_leaves()",
    ],
)
def test_a_page_that_loads_an_entry_is_found_to_use_it(code):
    assert data.entries_used_by(code) == {NAME}


@pytest.mark.parametrize("code", ["", "x = 1  # load_leaves", "preload_leaves_later()"])
def test_a_page_that_loads_nothing_uses_no_entry(code):
    assert data.entries_used_by(code) == set()


# ---------------------------------------------------------------- the order of the search


def test_the_data_folder_comes_before_the_cache_and_the_cache_before_the_network(
    world, server, monkeypatch
):
    world.register(server.address)
    monkeypatch.setenv("MLEARTH_DATA", str(world.given))
    world.put(world.given / "df_prepped.csv")
    world.put(world.cached)
    assert data.fetch(NAME) == world.given / "df_prepped.csv"
    (world.given / "df_prepped.csv").unlink()
    assert data.fetch(NAME) == world.cached
    assert server.requests == 0
    world.cached.unlink()
    assert data.fetch(NAME) == world.cached
    assert server.requests == 1


def test_a_load_takes_the_file_from_the_network_and_keeps_it(world, server, capsys):
    world.register(server.address)
    assert data.state(NAME) == "simulated"
    table = data.load_leaves()
    assert table.observed
    assert table.origin == "805 observed leaves (registered table, SHA-256 checked), CC BY 4.0"
    assert table.units["differential"] == "K"
    assert tuple(table.frame.columns) == data.LEAF_COLUMNS == tuple(table.units)
    assert table.citation == "lifd2025notebooks"
    assert data.state(NAME) == "observed"
    data.load_leaves()
    assert server.requests == 1
    assert world.leftovers() == [world.cached]
    assert capsys.readouterr() == ("", "")


def test_values_arrive_exactly_as_they_are_stored(world):
    body = GOOD.replace(GOOD.splitlines()[1].split(b",")[0], b"0.84743373693723267", 1)
    world.register(body=body)
    world.put(world.cached, body)
    assert data.load_leaves().frame.iloc[0, 0] == float("0.84743373693723267")


def test_offline_means_that_the_network_is_not_asked(world, server, monkeypatch, capsys):
    world.register(server.address)
    monkeypatch.setenv("MLEARTH_OFFLINE", "1")
    assert data.prepare([NAME]) == {NAME: "simulated"}
    with pytest.raises(data.UnreachableError, match="MLEARTH_OFFLINE=1"):
        data.fetch(NAME)
    assert server.requests == 0
    assert capsys.readouterr().err == ""


def test_simulated_leaves_stand_in_and_say_so(world, monkeypatch):
    monkeypatch.setenv("MLEARTH_OFFLINE", "1")
    table = data.load_leaves()
    assert simulated(table)
    assert table.frame.shape == (805, 9)
    assert tuple(table.frame.columns) == data.LEAF_COLUMNS == tuple(table.units)
    assert table.citation == "muir2019tealeaves"
    assert np.isfinite(table.frame.to_numpy(float)).all()
    pd.testing.assert_frame_equal(table.frame, data.load_leaves().frame)


def test_the_state_is_told_without_pandas_or_pooch(world):
    code = (
        "import sys; from mlearth import data; data.state('leaf_temperature');"
        "assert not {'pandas', 'pooch', 'mlearth.simulate'} & set(sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "code")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


# ---------------------------------------------------------------- an unreachable network


def assert_gives_way(world, capsys, reason, within=4.0 + RESERVE):
    """A load falls back within the budget and says why in one line; nothing is left behind."""
    start = time.monotonic()
    state = data.prepare([NAME])
    assert time.monotonic() - start < within
    assert state == {NAME: "simulated"}
    line = capsys.readouterr().err
    assert reason in line
    assert line.count("\n") == 1
    assert len(line) < 120
    start = time.monotonic()
    assert data.prepare([NAME]) == {NAME: "simulated"}
    assert time.monotonic() - start < 0.2
    assert capsys.readouterr().err == ""
    assert world.leftovers() == []


def test_a_refused_connection_costs_one_line(world, no_server, capsys):
    world.register(no_server)
    assert_gives_way(world, capsys, "no connection", within=2)


def test_a_silent_server_costs_one_line_and_less_than_five_seconds(world, server, capsys):
    server.behave = say_nothing
    world.register(server.address)
    assert_gives_way(world, capsys, "within 4 s")


def test_a_trickling_server_is_left_when_the_time_is_up(world, server, capsys, monkeypatch):
    monkeypatch.setattr(files, "_network", files._Network(seconds=1.0))
    server.behave = trickle
    world.register(server.address)
    assert_gives_way(world, capsys, "within 1 s", within=1.0 + RESERVE)


def test_a_name_lookup_that_hangs_is_bounded_too(world, capsys, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(files, "_network", files._Network(seconds=1.0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: released.wait(30))
    world.register("http://data.invalid/df_prepped.csv")
    assert_gives_way(world, capsys, "within 1 s", within=1.0 + RESERVE)
    released.set()


@pytest.mark.parametrize("status", [404, 503])
def test_an_error_status_counts_as_unreachable_and_is_named(world, server, capsys, status):
    server.behave = deliver(b"<html>no</html>", status=status)
    world.register(server.address)
    assert_gives_way(world, capsys, f"answered {status}", within=2)
    assert server.requests == 1
    assert files._network.seconds > 0


def test_a_transfer_that_breaks_off_counts_as_unreachable(world, server, capsys):
    server.behave = deliver(GOOD[:1000], claimed=len(GOOD))
    world.register(server.address)
    assert_gives_way(world, capsys, "broke off", within=2)


def test_after_a_silent_server_no_other_file_is_asked_for(world, server, no_server):
    world.register(no_server)
    data.prepare([NAME])
    other = entries.Entry(**{**vars(entries.find_entry(NAME)), "name": "b", "file": "b.csv"})
    assert files.obtain(entries.Entry(**{**vars(other), "address": server.address})) is None
    assert server.requests == 0


def test_an_explicit_fetch_fails_when_there_is_no_network(world, no_server):
    world.register(no_server)
    with pytest.raises(data.UnreachableError, match=r"no connection \(127.*MLEARTH_DATA") as info:
        data.fetch(NAME)
    assert not info.value.answered
    assert world.leftovers() == []


def test_an_explicit_fetch_waits_longer_than_a_load(world, server, monkeypatch, capsys):
    monkeypatch.setattr(files, "_network", files._Network(seconds=0.3))

    def hesitate(self):
        time.sleep(1)
        deliver(GOOD)(self)

    server.behave = hesitate
    world.register(server.address)
    assert data.prepare([NAME]) == {NAME: "simulated"}
    assert data.fetch(NAME) == world.cached
    assert data.prepare([NAME]) == {NAME: "observed"}


# ---------------------------------------------------------------- wrong files


WRONG = {
    "truncated": GOOD[:-500],
    "tampered": GOOD.replace(b"1", b"2", 1),
    "empty": b"",
    "login page": b"<html>Please log in</html>",
}
ASKS = {"load": data.load_leaves, "state": lambda: data.state(NAME)}
ASKS |= {"fetch": lambda: data.fetch(NAME), "prepare": lambda: data.prepare([NAME])}


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("place", ["MLEARTH_DATA", "cache"])
@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_on_disk_is_an_error_that_names_file_and_hashes(
    world, server, monkeypatch, fault, place, ask
):
    world.register(server.address)
    path = world.cached
    if place == "MLEARTH_DATA":
        path = world.given / "df_prepped.csv"
        monkeypatch.setenv("MLEARTH_DATA", str(world.given))
    world.put(path, WRONG[fault])
    with pytest.raises(data.DataError) as info:
        ASKS[ask]()
    expected, found = (hashlib.sha256(body).hexdigest() for body in (GOOD, WRONG[fault]))
    for part in (str(path), expected, found, "Delete it", f"fetch {NAME}"):
        assert part in str(info.value)
    assert server.requests == 0
    assert path.read_bytes() == WRONG[fault]


@pytest.mark.parametrize("ask", ["load", "fetch", "prepare"])
@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_file_from_the_network_is_an_error_and_not_kept(world, server, fault, ask):
    server.behave = deliver(WRONG[fault])
    world.register(server.address)
    with pytest.raises(data.DataError) as info:
        ASKS[ask]()
    found = hashlib.sha256(WRONG[fault]).hexdigest()
    for part in (server.address, hashlib.sha256(GOOD).hexdigest(), found, "Nothing was kept"):
        assert part in str(info.value)
    assert not isinstance(info.value, data.UnreachableError)
    assert world.leftovers() == []


def test_a_data_folder_that_is_none_is_an_error(world, monkeypatch):
    monkeypatch.setenv("MLEARTH_DATA", str(world.root / "nowhere"))
    with pytest.raises(data.DataError, match=r"nowhere, which is not a folder. Correct or unset"):
        data.load_leaves()


def test_a_file_that_cannot_be_read_is_an_error(world):
    world.cached.mkdir(parents=True)
    with pytest.raises(data.DataError, match=r"Cannot read .*df_prepped\.csv.*Repair or remove"):
        data.load_leaves()


HEAD = ",".join(HEADINGS).encode() + b"\n"
MISFITS = {
    "has the columns": GOOD.replace(b"Phi2", b"Phi3"),
    "has the shape": table_bytes(n=804),
    "text where numbers belong": GOOD.replace(b"\n", b"\nwarm", 1),
    "gaps": HEAD + b",".join([b""] * 9) + b"\n" + b"\n".join(GOOD.splitlines()[2:]),
    "infinite": HEAD + b",".join([b"inf"] * 9) + b"\n" + b"\n".join(GOOD.splitlines()[2:]),
    "is not a table": b"\x89PNG\r\n\x1a\n\xff\xfe",
}


@pytest.mark.parametrize("wrong", MISFITS)
def test_a_table_that_the_registry_describes_wrongly_is_an_error(world, wrong):
    world.register(body=MISFITS[wrong])
    world.put(world.cached, MISFITS[wrong])
    with pytest.raises(data.DataError, match=f"{wrong}.*correct what the registry says of {NAME}"):
        data.load_leaves()


# ---------------------------------------------------------------- a disk that does not take it


def fail_with(code):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    return fail


DISK = {
    "full": (errno.ENOSPC, "disk is full: free"),
    "read-only folder": (errno.EACCES, "read-only: make it writable"),
    "read-only disk": (errno.EROFS, "read-only: make it writable"),
    "broken disk": (errno.EIO, "Look at the folder"),
}


@pytest.mark.parametrize("ask", ["load", "fetch", "prepare"])
@pytest.mark.parametrize("step", ["tempfile.mkstemp", "shutil.copyfile", "os.replace"])
@pytest.mark.parametrize("fault", DISK)
def test_a_cache_that_takes_no_file_is_an_error_that_says_what_to_do(
    world, server, monkeypatch, fault, step, ask
):
    world.register(server.address)
    code, remedy = DISK[fault]
    module, function = step.split(".")
    monkeypatch.setattr(getattr(download, module), function, fail_with(code))
    with pytest.raises(data.DataError) as info:
        ASKS[ask]()
    for part in (str(world.cached.parent), remedy, "MLEARTH_CACHE", "nothing was kept"):
        assert part in str(info.value)
    assert world.leftovers() == []


def test_a_half_written_copy_is_removed(world, server, monkeypatch):
    def copy_half(source, target):
        Path(target).write_bytes(source.read_bytes()[:1000])
        fail_with(errno.ENOSPC)()

    world.register(server.address)
    monkeypatch.setattr(download.shutil, "copyfile", copy_half)
    with pytest.raises(data.DataError, match="disk is full"):
        data.load_leaves()
    assert world.leftovers() == []


@pytest.mark.parametrize("ask", ["load", "fetch"])
def test_a_full_temporary_folder_is_an_error_that_names_its_variable(
    world, server, monkeypatch, ask
):
    import pooch

    world.register(server.address)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fail_with(errno.ENOSPC))
    with pytest.raises(data.DataError, match=r"disk is full.*TMPDIR"):
        ASKS[ask]()
    assert world.leftovers() == []


def test_a_cache_folder_that_is_a_file_is_an_error(world, server):
    world.register(server.address)
    world.cache.write_text("not a folder")
    with pytest.raises(data.DataError, match=r"Cannot write .*MLEARTH_CACHE"):
        data.fetch(NAME)
    assert world.cache.read_text() == "not a folder"


def test_without_network_a_read_only_cache_is_no_error(world, no_server, monkeypatch):
    world.register(no_server)
    monkeypatch.setattr(Path, "mkdir", fail_with(errno.EROFS))
    assert data.prepare([NAME]) == {NAME: "simulated"}


def test_an_interrupted_fetch_leaves_nothing(world, server, monkeypatch):
    def interrupt(self, url, part, pooch):
        Path(part).write_bytes(GOOD[:1000])
        raise KeyboardInterrupt

    import pooch

    world.register(server.address)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.fetch(NAME)
    assert world.leftovers() == []


def test_two_processes_may_fetch_at_once(world, server):
    world.register(server.address)
    entry = entries.find_entry(NAME)
    workers = [threading.Thread(target=download.download, args=(entry, None)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert world.leftovers() == [world.cached]
    assert data.state(NAME) == "observed"


# ---------------------------------------------------------------- the command line


def test_the_list_says_what_each_file_is_and_where(world, capsys):
    world.register()
    assert main([]) == 0
    assert f"{NAME} ({len(GOOD)} bytes, CC BY 4.0): simulated until" in capsys.readouterr().out
    world.put(world.cached)
    assert main(["list"]) == 0
    assert f"observed, in {world.cached}" in capsys.readouterr().out
    world.put(world.cached, b"wrong")
    assert main(["list"]) == 1
    assert "unusable" in capsys.readouterr().out


@pytest.mark.parametrize("names", [[], [NAME]])
def test_fetch_prints_where_the_file_is(world, server, capsys, monkeypatch, names):
    world.register(server.address)
    only = {NAME: entries.find_entry(NAME)}
    monkeypatch.setattr("mlearth.data.__main__.registry", lambda: only)
    assert main(["fetch", *names]) == 0
    assert capsys.readouterr().out == f"{NAME}: {world.cached}\n"


def test_fetch_fails_with_an_unknown_name_or_without_network(world, no_server, capsys):
    world.register(no_server)
    assert main(["fetch", "leaf"]) == 1
    assert "no entry 'leaf'" in capsys.readouterr().err
    assert main(["fetch"]) == 1
    assert "no connection" in capsys.readouterr().err


def test_verify_finds_a_corrupt_file_behind_an_intact_one(world, monkeypatch, capsys):
    world.register()
    assert main(["verify"]) == 0
    assert "not on this computer" in capsys.readouterr().out
    monkeypatch.setenv("MLEARTH_DATA", str(world.given))
    world.put(world.given / "df_prepped.csv")
    assert main(["verify"]) == 0
    assert "is intact" in capsys.readouterr().out
    world.put(world.cached, b"wrong")
    assert main(["verify"]) == 1
    out = capsys.readouterr().out
    assert "is intact" in out
    assert f"{world.cached} is not the registered" in out


def test_the_module_runs_as_a_command(world):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "code"), "MLEARTH_OFFLINE": "1"}

    def run(*arguments):
        command = [sys.executable, "-m", "mlearth.data", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    assert run().returncode == 0
    assert "verify" in run("--help").stdout
    assert run("fetch").returncode == 1
    assert "Warning" not in run().stderr


def test_a_progress_bar_is_shown_only_where_a_person_watches(world, server, monkeypatch, capsys):
    world.register(server.address)
    data.fetch(NAME)
    assert capsys.readouterr().err == ""
    world.cached.unlink()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    data.fetch(NAME)
    assert "df_prepped.csv: 100%" in capsys.readouterr().err


# ---------------------------------------------------------------- observed rows stay out

OBSERVED_FORMATS = {".csv", ".npy", ".npz", ".pkl", ".parquet", ".feather", ".h5", ".nc"}
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")
# Of 40 rows, first and last ones among them, what `fingerprint` makes of humidity, light and Phi2.
KNOWN_ROWS = """
ed8f335490 ea091b4319 65f4a0710d ae534e66ff dbc1a34a4b 100e1fd3d5 d7fae500b4 4842259902
59397c9f59 da2be2d2fb a0364770eb 99f39eec4e a1873370a3 44e4ca6b21 0b63e0c6cb 0aa62ce550
e5bb58570a 1c55152067 7fe5e3c418 b641e17db2 299e339157 343e64dd12 488b7b02ed 71c4f2691c
6552909856 045e07facf 098b227bbf aa9ec82e93 cab5075482 fe00470891 43ccf2154c 033f21437f
6e27e1f4ae 34517c6855 9b6069153c ab582f051f 449fbdecf5 ea0f62da38 d352e32e00 dbc12f7cae
"""
# The same of 29 runs of sea level (three stresses) and of 11 times five highstands in a row.
KNOWN_RUNS = """
0bf1e41305 dd12677f97 3f8d9dfa50 1eddf7628d 891a82b798 d4c8debfdb b378f8b3a0 f304c79a1a
9f2dc3c11c 6e34899b2a f910be6f25 40d09e09c0 855203891d 4790f2bc9f 408f76165f df33c08325
f8e87ba8b9 1f242193e9 b3c980398a 3298e317ff e959b10884 2636876d9e 94cd394d37 d703da6619
cf376499f0 38e6b0a6e4 8142693b3d 90f015fda9 600199e2da 6a8babcea0 32beadbc60 91ed5eec29
2b500468b1 b7e1be0230 0a1bff0b61 ce9128bfb1 f701ab5d1a 03fbe5a827 5d3763443a c098266b69
"""


def fingerprint(values):
    """Hash a few numbers so that the way in which they are written does not matter."""
    text = " ".join(f"{float(value):.5g}" for value in values)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def windows(values, width):
    return {fingerprint(values[i : i + width]) for i in range(len(values) - width + 1)}


def fingerprints_of_table(frame):
    """Every three neighbours in a row and every five in a column."""
    rows = set().union(*(windows(list(row), 3) for row in frame.to_numpy()))
    return rows | set().union(*(windows(frame[name].tolist(), 5) for name in frame))


def find_observed(path, known, checksums):
    """Say what of the registered files a file holds; an empty text if nothing."""
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() in checksums:
        return "is a registered file"
    shipped = path.parent.name == "shipped" and path.name in SHIPPED  # small, openly licensed
    if path.suffix in OBSERVED_FORMATS and "data" in path.parts and not shipped:
        return "is a data file; the registry says where those are fetched from"
    try:
        numbers = NUMBER.findall(body.decode())
    except UnicodeDecodeError:
        return ""
    found = (windows(numbers, 3) | windows(numbers, 5)) & known
    return f"holds {len(found)} pieces of the observed tables" if found else ""


def tracked_files():
    """Files under version control or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    command += ["--exclude=.venv", "--exclude=_build"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if run.returncode:
        pytest.skip("this is not a git clone")
    paths = (REPOSITORY / name for name in run.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def observed_table():
    """The path of the observed leaf table if it is on this computer."""
    return files.locate(entries.find_entry(NAME))


def observed_tables():
    """Every observed table that is on this computer."""
    leaves = [pd.read_csv(path) for path in [observed_table()] if path]
    here = all(files.locate(entries.find_entry(name)) for name in sea_level.ENTRIES)
    return leaves + ([data.load_sea_level().frame] if here else [])


def test_no_tracked_file_holds_observed_rows():
    pieces = [fingerprints_of_table(frame) for frame in observed_tables()]
    known = set(KNOWN_ROWS.split()) | set(KNOWN_RUNS.split()) | set().union(*pieces)
    checksums = {entry.sha256 for entry in data.registry().values()}
    paths = tracked_files()
    assert REPOSITORY / "data" / "registry.toml" in paths
    found = {path: find_observed(path, known, checksums) for path in paths}
    leaks = [f"{path.relative_to(REPOSITORY)} {what}" for path, what in found.items() if what]
    assert not leaks, "\n".join(leaks)


def test_the_known_rows_are_rows_of_the_observed_table():
    table = observed_table()
    if table is None:
        pytest.skip("the observed table is not on this computer")
    frame = pd.read_csv(table)
    found = {fingerprint(row) for row in frame.to_numpy()[:, 1:4]}
    assert len(set(KNOWN_ROWS.split()) & found) == 40
    planted = frame.iloc[[0, 1, -1]]
    shown = (
        planted.to_csv(),
        planted.to_html(),
        planted.to_string(),
        planted.to_json(orient="values"),
    )
    for text in shown:
        assert len(windows(NUMBER.findall(text), 3) & set(KNOWN_ROWS.split())) == 3


def test_the_known_runs_are_runs_of_the_observed_table(tmp_path):
    runs = next((frame for frame in observed_tables() if "highstand" in frame), None)
    if runs is None:
        pytest.skip("the observed runs are not on this computer")
    known = set(KNOWN_RUNS.split())
    stresses, highstand = runs.iloc[:, :4].to_numpy(), runs["highstand"].tolist()
    assert len(known & {fingerprint(row[:3]) for row in stresses}) == 29
    assert len(known & windows(highstand, 5)) == 11
    leaks = [runs.head(2).to_string(), runs.tail(1).to_html(), str(highstand[:6])]
    for text in leaks:
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        assert "pieces of the observed" in find_observed(tmp_path / "page.md", known, set())


ROWS = (
    pd.DataFrame([[21.5, 50.125, 301.0, 0.45, 0.07400000000000001, 45.0, 0.35, 42.7, -4.76]] * 6)
    + np.arange(6)[:, None]
)
LEAKS = {
    "table.txt": ROWS.to_csv(index=False),
    "page.html": ROWS.iloc[:1].to_html(),
    "page.md": "| a | b |\n|" + "|".join(map(str, ROWS.iloc[2])) + "|",
    "page.ipynb": '{"data": ["' + '\\n", "'.join(ROWS.iloc[:1].to_string().split()) + '"]}',
    "three.py": f"x = [{ROWS.iloc[3, 4]}, {ROWS.iloc[3, 5]}, {ROWS.iloc[3, 6]}]",
    "column.py": f"light = {[float(light) for light in ROWS[2]]}",
}


@pytest.fixture
def made_up(tmp_path):
    return tmp_path, fingerprints_of_table(ROWS)


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_row_is_found(made_up, name):
    folder, known = made_up
    (folder / name).write_text("Some text, 3 words.\n" + LEAKS[name], encoding="utf-8")
    assert "pieces of the observed" in find_observed(folder / name, known, set())


def test_a_planted_file_is_found_whatever_its_name(made_up):
    folder, known = made_up
    (folder / "picture.png").write_bytes(b"\x89\xff" + GOOD)
    checksum = hashlib.sha256(b"\x89\xff" + GOOD).hexdigest()
    assert find_observed(folder / "picture.png", known, set()) == ""
    assert find_observed(folder / "picture.png", known, {checksum}) == "is a registered file"
    (folder / "data").mkdir()
    (folder / "data" / "x.npy").write_bytes(b"\x93NUMPY")
    assert "is a data file" in find_observed(folder / "data" / "x.npy", known, set())


def test_other_numbers_are_no_observed_rows(made_up):
    folder, known = made_up
    (folder / "other.md").write_text("0.45 and 45.0, 0.35; 1 2 3 4 5 6 7 8", encoding="utf-8")
    assert find_observed(folder / "other.md", known, set()) == ""


# Studies


def test_a_study_is_read_from_where_the_records_are(tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "__file__", str(tmp_path / "code" / "mlearth" / "data" / "s.py"))
    folder = tmp_path / "data" / "studies"
    folder.mkdir(parents=True)
    (folder / "sweep.json").write_text('{"results": [1]}')
    assert data.load_study("sweep") == {"results": [1]}
    shipped = tmp_path / "code" / "mlearth" / "study_records"
    shipped.mkdir(parents=True)
    (shipped / "sweep.json").write_text('{"results": [2]}')
    assert data.load_study("sweep") == {"results": [2]}


def test_a_missing_record_says_how_to_make_it():
    with pytest.raises(data.DataError, match="make studies"):
        data.load_study("ghost")


def test_a_variable_of_an_entrys_name_loads_nothing():
    assert data.entries_used_by("leaf_temperature = 1\nx.leaf_temperature") == set()
    assert data.entries_used_by("data.state('leaf_temperature')") == {"leaf_temperature"}
