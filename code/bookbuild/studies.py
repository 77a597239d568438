"""Studies: what takes many seeds, run once and kept as a record in ``data/studies``.

Two kinds. Every page is run with `SEEDS` seeds, so that each of its claims is known to hold for
all of them (``pages/<method>/<page>.json``). And each module in ``mlearth/studies`` is a study of
its own, with a function ``run(seed)`` that returns a dict.
"""

import importlib
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path

from tqdm import tqdm

from bookbuild import build, claims, execute, pages, paths
from bookbuild.executor import environment_variables, kernel_settings

SEEDS = 5
OBSERVED = {}
STAND_IN = {"MLEARTH_DATA": "", "MLEARTH_OFFLINE": "1"}
PACKAGE = "mlearth.studies"
MODULES = paths.CODE / "mlearth" / "studies"


def run(names=()):
    """Run the studies whose records are missing or out of date.

    Parameters
    ----------
    names : sequence of str
        Only these (``pages/random_forests/trees``, ``leaf_ideas``); all if empty.

    Returns
    -------
    list of str
        The names of those that ran.
    """
    stale = [name for name, why in states().items() if why and (not names or name in names)]
    _require_observed(stale)
    for name in stale:
        if not name.startswith("pages/"):
            started = time.perf_counter()
            results = _run_module(name)
            _write(name, results, time.perf_counter() - started)
    todo = [page for page in claimed_pages() if study_of(page) in stale]
    for page, results in _run_pages(todo).items():
        _write(study_of(page), results, sum(r["seconds"] for r in results))
    return stale


def _write(name, results, seconds):
    record = {
        "study": name,
        "hash": fingerprint(name),
        "seeds": list(range(SEEDS)),
        "hardware": build.hardware(),
        "seconds": round(seconds, 1),
        "results": results,
    }
    file = paths.STUDIES / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    part.replace(file)


def study_of(page):
    """Name the study that runs a page with several seeds.

    Parameters
    ----------
    page : pages.Page

    Returns
    -------
    str
    """
    return f"pages/{page.name.removeprefix('chapters/')}"


def states():
    """Say for every study whether its record still fits.

    Returns
    -------
    dict of str to str
        Empty text if it fits, else what is wrong.
    """
    found = {}
    for name in study_names():
        file = paths.STUDIES / f"{name}.json"
        if not file.exists():
            found[name] = "there is no record"
        else:
            record = json.loads(file.read_text(encoding="utf-8"))
            fits = record["hash"] == fingerprint(name)
            found[name] = "" if fits else "the code or the settings have changed since"
    return found


def study_names():
    """List all studies: the modules first, since pages may read their records."""
    modules = sorted(file.stem for file in MODULES.glob("[a-z]*.py"))
    return modules + [study_of(page) for page in claimed_pages()]


def claimed_pages():
    """List the pages that have claims, which must hold for every seed."""
    named = {claim.page for claim in claims.load_claims().values()}
    return [page for page in pages.find_pages() if page.name in named]


def fingerprint(name):
    """Hash the code and the settings that a study's results depend on.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
    """
    if name.startswith("pages/"):
        return pages.content_key(_page(name))
    return pages.code_key(f"import mlearth.studies.{name}")


def broken_claims():
    """Hold the recorded results of every seed against the claims.

    Returns
    -------
    list of str
    """
    known, found = claims.load_claims(), []
    for page in claimed_pages():
        file = paths.STUDIES / f"{study_of(page)}.json"
        mine = [claim for claim in known.values() if claim.page == page.name]
        record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"results": []}
        for result in record["results"]:
            where = f"{page.name}, seed {result['seed']}, {result['kind']}"
            wrong = claims.check_values(mine, result["values"], result["sources"])
            found += [f"{where}: {problem}" for problem in wrong]
    return found


def spread(name, key, kind):
    """Return the smallest and largest value of a result over the recorded seeds.

    Parameters
    ----------
    name : str
        The study, such as ``pages/random_forests/trees``.
    key : str
        Name of the glued result.
    kind : str
        ``"observed"``, ``"simulated"`` or ``"none"``.

    Returns
    -------
    tuple of float
    """
    record = json.loads((paths.STUDIES / f"{name}.json").read_text(encoding="utf-8"))
    values = [r["values"][key] for r in record["results"] if r["kind"] == kind]
    return min(values), max(values)


def outside_spread(results):
    """Hold the results of a build, seed 0, against those that the records have for all seeds.

    A measured time repeats on no computer (its claim says ``repeats = false``): it is left out,
    and bounded by its claim alone.

    Parameters
    ----------
    results : iterable of execute.Result
        Successful ones of pages with records.

    Returns
    -------
    list of str
        One line for every value outside its spread; empty if all repeat.
    """
    known, outside = claims.load_claims(), []
    for result in results:
        for name, value in claims.glued_values(result.notebook).items():
            if isinstance(value, str | bool) or not known[name].repeats:
                continue
            low, high = spread(study_of(result.page), name, kind(result.facts))
            slack = 0.1 * (high - low) + 1e-6 * max(abs(low), abs(high))  # other machines round
            if not low - slack <= value <= high + slack:
                outside.append(f"{name} = {value}, outside [{low}, {high}]")
    return outside


def _run_module(name):
    """Run the seeds side by side; one that is done is kept, should the others be interrupted."""
    workers = min(SEEDS, os.cpu_count() or 1)
    folder = execute.default_store().folder.parent / "studies" / f"{name}-{fingerprint(name)}"
    context = multiprocessing.get_context("spawn")
    with kernel_settings(workers), context.Pool(workers) as pool:
        jobs = [(f"{PACKAGE}.{name}", seed, folder) for seed in range(SEEDS)]
        runs = pool.imap(_run_one, jobs, chunksize=1)
        return list(tqdm(runs, total=SEEDS, unit="seed", desc=name, disable=None))


def _require_observed(names):
    """Refuse to replace records of observed data by records of stand-ins."""
    from mlearth import data

    entries = sorted(set().union(*(data.entries_used_by(_code(name)) for name in names)))
    missing = [entry for entry, kind in data.prepare(entries).items() if kind != "observed"]
    if missing:
        raise build.BuildError(
            f"{', '.join(names)}: the observed data of some of these studies cannot be had here "
            f"({', '.join(missing)}). Point MLEARTH_DATA at a folder that has them. The records of "
            "the last run, if there are any, are kept."
        )


def _code(name):
    """Return the Python code of a study: of its module, or of its page."""
    if name.startswith("pages/"):
        return _page(name).code
    return (MODULES / f"{name}.py").read_text(encoding="utf-8")


def _run_one(job):
    module, seed, folder = job
    file = folder / f"{seed}.json"
    if not file.exists():
        result = {"seed": seed} | importlib.import_module(module).run(seed)
        folder.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(result), encoding="utf-8")
        part.replace(file)
    return json.loads(file.read_text(encoding="utf-8"))


def _run_pages(todo):
    """Run pages with every seed, on observed data where there are any and on stand-ins."""
    results = {page: [] for page in todo}
    store = execute.default_store()
    for settings in (OBSERVED, STAND_IN | {"MLEARTH_CACHE": tempfile.mkdtemp()}):
        for seed in range(SEEDS):
            with environment_variables(MLEARTH_SEED=str(seed), **settings):
                found = _run_seed(todo, settings is OBSERVED, store)
            for result in found:
                results[result.page].append(_summary(result, seed))
    return results


def _run_seed(todo, observed, store):
    """Run the pages once: all of them where data are as found, else those that load any."""
    todo = todo if observed else [page for page in todo if pages.entries_used(page)]
    if not todo:
        return []
    scratch = Path(tempfile.mkdtemp())
    try:
        found = execute.run(todo, build=scratch, store=store)
    finally:
        shutil.rmtree(scratch)
    build.require_success(found)
    return [result for result in found if not observed or kind(result.facts) != "simulated"]


def _summary(result, seed):
    return {
        "seed": seed,
        "kind": kind(result.facts),
        "sources": dict(result.facts["sources"]),
        "seconds": result.facts["seconds"],
        "values": claims.glued_values(result.notebook),
    }


def kind(facts):
    """Say what data a run used: ``"observed"``, ``"simulated"`` (some of it) or ``"none"``."""
    sources = set(facts["sources"].values())
    return "simulated" if "simulated" in sources else ("observed" if sources else "none")


def _page(name):
    return next(page for page in claimed_pages() if study_of(page) == name)
