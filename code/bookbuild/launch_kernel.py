"""Run a notebook with another Python, as if nothing of this clone were on the computer."""

import itertools
import json
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from bookbuild.executor import COLOURS, QUIET_KERNEL, SECONDS_PER_CELL, environment_variables

OURS = ("PYTHONPATH", "MLEARTH_DATA", "MLEARTH_OFFLINE", "MLEARTH_PROFILE", "MLEARTH_SEED")


def run_notebook(file, python, folder):
    """Execute a notebook in its own folder.

    Parameters
    ----------
    file : pathlib.Path
    python : str
        Interpreter of the kernel.
    folder : pathlib.Path
        Where the kernel may keep its files.

    Returns
    -------
    times : list of float
        Of every code cell that ended [s]; at least one.
    problem : str
        Which cell failed and how; empty if none did.
    """
    notebook, ends, problem = nbformat.read(file, as_version=4), [time.perf_counter()], ""
    client = NotebookClient(
        notebook,
        kernel_name="launch",
        timeout=SECONDS_PER_CELL,
        resources={"metadata": {"path": str(file.parent)}},
        extra_arguments=QUIET_KERNEL,
        on_cell_executed=lambda **_: ends.append(time.perf_counter()),
    )
    with environment_variables(**_settings(python, folder)):
        try:
            client.execute()
        except (CellExecutionError, DeadKernelError) as error:
            problem = f"code cell {max(1, len(ends) - 1)}: {_told(error, notebook)}"
    ends.append(time.perf_counter())
    return [after - before for before, after in itertools.pairwise(ends)], problem


def _settings(python, folder):
    """Describe the kernel to Jupyter, and hide this clone and its settings from it."""
    kernel = folder / "jupyter" / "kernels" / "launch" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": command, "display_name": "", "language": "python"}))
    places = {"JUPYTER_PATH": folder / "jupyter", "MLEARTH_CACHE": folder / "cache"}
    return dict.fromkeys(OURS, "") | {name: str(place) for name, place in places.items()}


def _told(error, notebook):
    """Add to an error what its cell had printed, such as pip's complaints."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    printed = "".join(output.get("text", "") for output in cells[-1].outputs) if cells else ""
    return COLOURS.sub("", f"{printed[-1500:]}\n{error}")
