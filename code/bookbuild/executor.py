"""A jupyter-cache executor that runs the longest pages first and measures their memory.

jupyter-cache finds it by its entry point ``mlearth``; it adds to the package's own parallel
executor an order, a progress bar that names what runs, and the facts that the build reports.
"""

import logging
import multiprocessing
import os
import re
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
from jupyter_cache.executors.base import ExecutorRunResult
from jupyter_cache.executors.basic import (
    ExecutionWorkerLocalMProc,
    JupyterExecutorLocalMproc,
    ProcessData,
)
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from tqdm import tqdm

# what TensorFlow says of the machine when it starts, at every log level
REMARK = re.compile(
    r"WARNING: All log messages before absl::InitializeLog\(\)|"
    r"[IE]\d{4} [\d:.]+ +\d+ (cudart_stub|cuda_platform)\.cc:"
)
QUIET_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SECONDS_PER_CELL = 1800
# else it warns that it talks over TCP, though only with this machine
QUIET_KERNEL = ["--IPKernelApp.log_level=CRITICAL"]
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


class PageWorker(ExecutionWorkerLocalMProc):
    """Executes one page, notes its time, peak memory and where an error arose, and keeps it.

    Parameters
    ----------
    facts : dict of str to dict
        What to store with each file's result.
    keep : callable
        Called with each executed notebook that succeeded, at once, so that nothing is lost.
    """

    def __init__(self, facts, keep):
        self._facts = facts
        self._keep = keep

    @property
    def logger(self):
        """Tell only what the build would not: pages that fail are reported by it, in full."""
        logger = logging.getLogger("bookbuild.executor")
        logger.setLevel(logging.ERROR)
        return logger

    def log_info(self, msg):
        """Say nothing: the progress bar does."""

    def execute(self, project_nb, data):
        """Run the page's cells in a fresh kernel, in the page's folder."""
        folder = str(Path(data.uri).parent)
        with PeakMemory() as memory:
            try:
                result = single_nb_execution(
                    project_nb.nb,
                    cwd=folder,
                    timeout=data.timeout,
                    allow_errors=False,
                    extra_arguments=QUIET_KERNEL,
                )
            except Exception as error:  # the kernel died or did not start
                result = ExecutionResult(project_nb.nb, folder, 0.0, error)
        drop_remarks(result.nb)
        facts = self._facts[data.uri]
        result.nb.metadata["mlearth"] = facts | {
            "seconds": round(result.time, 2),
            "peak_memory_mb": round(memory.peak / 2**20),
        }
        if result.err:
            told = COLOURS.sub("", f"{type(result.err).__name__}: {result.err}")
            result.exc_string = f"{_failing_cell(result.nb)}\n{told}"
        else:
            self._keep(result.nb)
        return result


class PageExecutor(JupyterExecutorLocalMproc):
    """Runs the project's pages side by side, in the order given."""

    def run_and_cache(self, *, facts, workers, keep, **_):
        """Execute the pages named in `facts`, in its order.

        Parameters
        ----------
        facts : dict of str to dict
            For every file to run what to store with its result.
        workers : int
            How many run side by side.
        keep : callable
            Called in the worker with each executed notebook that succeeded.

        Returns
        -------
        jupyter_cache.executors.base.ExecutorRunResult
        """
        records = {record.uri: record for record in self.get_records(list(facts), force=True)}
        jobs = [
            ProcessData(records[uri].pk, uri, self.cache, SECONDS_PER_CELL, False) for uri in facts
        ]
        outcomes = {0: [], 1: [], 2: []}
        context = multiprocessing.get_context("spawn")
        with (
            kernel_settings(workers),
            context.Pool(workers, initializer=_work_quietly, maxtasksperchild=1) as pool,
        ):
            waiting = [Path(job.uri).stem for job in jobs]
            bar = tqdm(total=len(jobs), unit="page", desc="executing", leave=False, disable=None)
            _name_running(bar, waiting, workers)
            for outcome, uri in pool.imap_unordered(PageWorker(facts, keep), jobs, chunksize=1):
                outcomes[outcome].append(uri)
                waiting.remove(Path(uri).stem)
                bar.update()
                _name_running(bar, waiting, workers)
            bar.close()
        return ExecutorRunResult(outcomes[0], outcomes[1], outcomes[2])


class PeakMemory:
    """Samples the resident memory of this process's children while in the context.

    Attributes
    ----------
    peak : int
        The largest sum seen [bytes].
    """

    def __init__(self, interval=0.1):
        self.peak = 0
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        process = psutil.Process()
        while not self._stop.wait(self._interval):
            total = 0
            for child in process.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)


def kernel_settings(workers):
    """Set what kernels inherit: their share of the cores, and data that were sought already.

    Parameters
    ----------
    workers : int
        How many kernels run side by side.

    Returns
    -------
    context manager
    """
    from mlearth import runtime

    share = str(max(1, (os.cpu_count() or 1) // workers))
    settings = dict.fromkeys(THREAD_VARIABLES, share) | QUIET_TENSORFLOW
    settings["MLEARTH_OFFLINE"] = "1"
    if runtime.data_folder():
        settings["MLEARTH_DATA"] = str(runtime.data_folder())  # a kernel works in another folder
    return environment_variables(**settings)


@contextmanager
def environment_variables(**settings):
    """Set environment variables for a while.

    Parameters
    ----------
    **settings : str
        Values by name.
    """
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _work_quietly():
    """In a worker: let the build decide what Ctrl-C ends, and let it alone tell what is wrong."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # kernels write there too
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # nbclient listens for the signal, so it must not arrive


def _name_running(bar, waiting, workers):
    bar.set_postfix_str("running " + ", ".join(waiting[:workers]) if waiting else "")
    if bar.disable:
        now = time.strftime("%H:%M:%S")
        names = ", ".join(waiting[:workers]) or "nothing more"
        tqdm.write(f"{now}  running {names}", file=sys.stderr)


def drop_remarks(notebook):
    """Take TensorFlow's remarks about the machine out of the outputs; the rest of stderr stays.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                lines = output["text"].splitlines(keepends=True)
                output["text"] = "".join(line for line in lines if not REMARK.match(line))
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("text") != ""]


def _failing_cell(notebook):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells, start=1):
        if any(output.output_type == "error" for output in cell.outputs):
            return f"code cell {number} of {len(cells)}, which starts: {cell.source[:60]!r}"
    return "a code cell that did not end"
