"""The runs of sea level: two files or none, both checked, never a pickle, and a fixed stand-in."""

import hashlib
import http.server
import io
import pickle
import threading

import numpy as np
import pandas as pd
import pytest

from mlearth import data
from mlearth.data import download, entries, files, sea_level
from mlearth.simulate.sea_level import PARAMETERS, RANGES, simulate_highstand

STRESSES, HIGHSTAND = NAMES = sea_level.ENTRIES
FILES = {name: data.registry()[name].file for name in NAMES}


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def made_up():
    """Arrays of the right shapes that are not the observed ones."""
    rng = np.random.default_rng(1)
    return {STRESSES: rng.uniform(5e3, 2e4, (91, 4)), HIGHSTAND: rng.uniform(-9, -5, 91)}


GOOD = {name: npy(array) for name, array in made_up().items()}


class World:
    """A server, an empty cache, and a registry that knows what the server delivers."""

    def __init__(self, tmp_path, monkeypatch):
        self.cache, self.given, self.temporary = (tmp_path / n for n in ("cache", "given", "t"))
        self.temporary.mkdir()
        self.registry, self.monkeypatch = tmp_path / "registry.toml", monkeypatch
        self.delivered, self.requests = dict(GOOD), []
        self.register(GOOD)

    def register(self, bodies):
        text = self.text or entries.registry_path().read_text(encoding="utf-8")
        for name, body in bodies.items():
            real = self.real[name]
            text = text.replace(real.sha256, hashlib.sha256(body).hexdigest())
            text = text.replace(f"bytes = {real.bytes}\n", f"bytes = {len(body)}\n")
            text = text.replace(real.address, f"{self.address}/{real.file}")
        self.registry.write_text(text, encoding="utf-8")
        self.monkeypatch.setattr(entries, "registry_path", lambda: self.registry)

    def cached(self, name):
        return self.cache / "data" / FILES[name]

    def put(self, name, body=None, folder=None):
        path = (folder or self.cache / "data") / FILES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GOOD[name] if body is None else body)

    def leftovers(self):
        folders = (self.cache, self.temporary)
        return sorted(path for f in folders for path in f.rglob("*") if path.is_file())


@pytest.fixture
def world(tmp_path, monkeypatch):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = next(n for n, file in FILES.items() if self.path.endswith(file))
            made.requests.append(name)
            body = made.delivered.get(name)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    World.address = f"http://127.0.0.1:{listener.server_port}"
    World.real = {name: data.registry()[name] for name in NAMES}
    World.text = entries.registry_path().read_text(encoding="utf-8")
    made = World(tmp_path, monkeypatch)
    for variable in ("MLEARTH_DATA", "MLEARTH_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MLEARTH_CACHE", str(made.cache))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download.tempfile, "tempdir", str(made.temporary))
    monkeypatch.setattr(files, "_network", files._Network())
    yield made
    listener.shutdown()
    listener.server_close()


def assert_stands_in(table):
    assert not table.observed
    assert table.origin.startswith("91 simulated runs of the book's small model stand in")
    assert table.citation == "pollard2023quantifying"
    stresses = table.frame[list(PARAMETERS)].to_numpy()
    assert np.abs(table.frame["highstand"] - simulate_highstand(stresses)).max() < 0.6e-3


# ---------------------------------------------------------------- both files or none


@pytest.mark.parametrize(
    "code",
    ["data.load_sea_level()", "from mlearth.data import load_sea_level", f"fetch('{STRESSES}')"],
)
def test_a_page_that_loads_the_runs_is_found_to_use_both_files(code):
    used = {STRESSES} if "fetch" in code else set(NAMES)
    assert data.entries_used_by(code) == used


def test_a_load_takes_both_files_from_the_network_and_keeps_them(world, capsys):
    assert {data.state(name) for name in NAMES} == {"simulated"}
    table = data.load_sea_level()
    assert table.observed
    assert table.origin.startswith("91 observed runs of a larger model (registered files, SHA-256")
    assert table.citation == "lifd2025notebooks"
    assert table.units == dict.fromkeys(PARAMETERS, "Pa") | {"highstand": "m"}
    assert list(table.frame.columns) == list(table.units)
    assert {data.state(name) for name in NAMES} == {"observed"}
    assert sorted(world.requests) == sorted(NAMES)
    data.load_sea_level()
    assert len(world.requests) == 2
    assert world.leftovers() == sorted(world.cached(name) for name in NAMES)
    assert capsys.readouterr() == ("", "")


def test_values_and_order_arrive_exactly_as_they_are_stored(world):
    table = data.load_sea_level().frame
    assert (table[list(PARAMETERS)].to_numpy() == made_up()[STRESSES]).all()
    assert (table["highstand"].to_numpy() == made_up()[HIGHSTAND]).all()


def test_a_highstand_in_one_column_is_read_too(world):
    body = npy(made_up()[HIGHSTAND][:, None])
    world.register(GOOD | {HIGHSTAND: body})
    world.put(STRESSES)
    world.put(HIGHSTAND, body)
    assert (data.load_sea_level().frame["highstand"] == made_up()[HIGHSTAND]).all()


@pytest.mark.parametrize("missing", NAMES)
def test_without_one_file_all_runs_are_simulated(world, capsys, missing):
    (present,) = set(NAMES) - {missing}
    world.put(present)
    world.delivered[missing] = None
    assert data.prepare(NAMES) == {present: "observed", missing: "simulated"}
    assert capsys.readouterr().err.count("\n") == 1
    assert_stands_in(data.load_sea_level())
    assert not (data.load_sea_level().frame.to_numpy()[:, :4] == made_up()[STRESSES]).any()


def test_the_data_folder_comes_before_the_cache(world, monkeypatch):
    monkeypatch.setenv("MLEARTH_DATA", str(world.given))
    for name in NAMES:
        world.put(name, folder=world.given)
        world.put(name, b"not looked at")
    assert data.load_sea_level().observed
    assert world.requests == []


# ---------------------------------------------------------------- wrong files


def spoil(body, fault):
    return {"truncated": body[:-9], "tampered": body[:-1] + b"\0", "empty": b""}[fault]


@pytest.mark.parametrize("fault", ["truncated", "tampered", "empty"])
@pytest.mark.parametrize("place", ["MLEARTH_DATA", "cache"])
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_file_on_disk_is_an_error_that_names_file_and_hashes(
    world, monkeypatch, name, place, fault
):
    folder = world.cache / "data"
    if place == "MLEARTH_DATA":
        folder = world.given
        monkeypatch.setenv("MLEARTH_DATA", str(folder))
    for each in NAMES:
        world.put(each, folder=folder)
    wrong = spoil(GOOD[name], fault)
    world.put(name, wrong, folder)
    hashes = [hashlib.sha256(body).hexdigest() for body in (GOOD[name], wrong)]
    for ask in (data.load_sea_level, lambda: data.state(name), lambda: data.fetch(name)):
        with pytest.raises(data.DataError) as info:
            ask()
        for part in (str(folder / FILES[name]), *hashes, "Delete it", f"fetch {name}"):
            assert part in str(info.value)
    assert (folder / FILES[name]).read_bytes() == wrong
    assert world.requests == []


@pytest.mark.parametrize("fault", ["truncated", "tampered", "empty"])
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_file_from_the_network_is_an_error_and_not_kept(world, name, fault):
    world.delivered[name] = spoil(GOOD[name], fault)
    with pytest.raises(data.DataError, match=r"delivered something else.*Nothing was kept"):
        data.load_sea_level()
    assert world.cached(name) not in world.leftovers()


class Explosive:
    def __reduce__(self):
        return pytest.fail, ("a pickle was run",)


@pytest.mark.parametrize(
    "body",
    [pickle.dumps(Explosive()), npy(np.array([[Explosive()] * 4] * 91, dtype=object))],
    ids=["bare", "in an array"],
)
def test_a_pickle_is_refused_even_with_the_right_checksum(world, body):
    world.register({STRESSES: body, HIGHSTAND: GOOD[HIGHSTAND]})
    world.put(STRESSES, body)
    world.put(HIGHSTAND)
    with pytest.raises(
        data.DataError, match=f"not an array of numbers.*registry says of {STRESSES}"
    ):
        data.load_sea_level()


def gap(name):
    array = made_up()[name]
    array.flat[7] = np.nan
    return array


MISFITS = {
    "90 rows": (STRESSES, made_up()[STRESSES][:90], r"has the shape \[90, 4\], not \[91, 4\]"),
    "3 columns": (STRESSES, made_up()[STRESSES][:, :3], r"has the shape \[91, 3\]"),
    "a flat table": (STRESSES, made_up()[STRESSES].ravel(), r"has the shape \[364\]"),
    "two outputs": (
        HIGHSTAND,
        made_up()[STRESSES][:, :2],
        r"has the shape \[91, 2\], not \[91, 1\]",
    ),
    "a gap among inputs": (STRESSES, gap(STRESSES), "else than finite numbers"),
    "a gap among outputs": (HIGHSTAND, gap(HIGHSTAND), "else than finite numbers"),
    "text": (HIGHSTAND, made_up()[HIGHSTAND].astype(str), "else than finite numbers"),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_an_array_that_the_registry_describes_wrongly_is_an_error(world, misfit):
    name, array, complaint = MISFITS[misfit]
    bodies = GOOD | {name: npy(array)}
    world.register(bodies)
    for each in NAMES:
        world.put(each, bodies[each])
    with pytest.raises(data.DataError, match=f"{complaint}.*correct what the registry says"):
        data.load_sea_level()


def archive():
    stream = io.BytesIO()
    np.savez(stream, made_up()[HIGHSTAND])
    return stream.getvalue()


@pytest.mark.parametrize("body", [b"<html>", b"", archive()], ids=["text", "empty", "archive"])
def test_a_file_that_is_no_array_is_an_error(world, body):
    world.register(GOOD | {HIGHSTAND: body})
    world.put(STRESSES)
    world.put(HIGHSTAND, body)
    with pytest.raises(data.DataError, match=r"not an array of numbers|has the shape"):
        data.load_sea_level()


# ---------------------------------------------------------------- the stand-in


def test_the_stand_in_is_the_registered_simulator_and_always_the_same(monkeypatch, tmp_path):
    monkeypatch.delenv("MLEARTH_DATA", raising=False)
    monkeypatch.setenv("MLEARTH_CACHE", str(tmp_path))
    monkeypatch.setenv("MLEARTH_OFFLINE", "1")
    table = data.load_sea_level()
    assert_stands_in(table)
    pd.testing.assert_frame_equal(table.frame, data.load_sea_level().frame)
    runs = data.registry()[STRESSES].simulator(np.random.default_rng(sea_level.STAND_IN_SEED))
    assert (table.frame[list(PARAMETERS)].to_numpy() == runs.stresses).all()
    assert (table.frame["highstand"].to_numpy() == runs.highstand).all()
    assert data.registry()[HIGHSTAND].simulator is data.registry()[STRESSES].simulator


# ---------------------------------------------------------------- the observed files


@pytest.fixture
def observed():
    """The observed runs, if they are on this computer."""
    if None in [files.locate(entries.find_entry(name)) for name in NAMES]:
        pytest.skip("the observed runs are not on this computer")
    return data.load_sea_level()


def test_the_observed_runs_are_what_their_sheet_says(observed):
    stresses, highstand = observed.frame[list(PARAMETERS)], observed.frame["highstand"]
    assert observed.observed
    assert observed.frame.shape == (91, 5)
    assert (stresses.min() > RANGES[:, 0]).all()
    assert (stresses.max() < RANGES[:, 1]).all()
    assert not observed.frame.duplicated().any()
    assert [highstand.min(), highstand.max()] == pytest.approx([-8.607, -5.49], abs=1e-9)
    millimetres = highstand.to_numpy() * 1000
    assert millimetres == pytest.approx(np.round(millimetres), abs=1e-6)


def test_simulated_and_observed_highstands_fall_in_the_same_order_of_stresses(observed):
    def slopes(frame):
        unit = (frame[list(PARAMETERS)] - RANGES[:, 0]) / np.ptp(RANGES, axis=1)
        design = np.column_stack([np.ones(91), unit])
        return np.linalg.lstsq(design, frame["highstand"], rcond=None)[0][1:]

    simulated = sea_level._simulate(entries.find_entry(STRESSES), list(observed.units))
    for frame in (observed.frame, simulated):
        assert (slopes(frame) < 0).all()
        assert (np.diff(slopes(frame)) > 0).all()
