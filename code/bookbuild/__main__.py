"""The command line: ``python -m bookbuild COMMAND`` from the repository, with ``code`` on the path.

Up to the point where the environment is ready, only the standard library is imported.
"""

import argparse
import os
import subprocess
import sys

from bookbuild import environment, paths

COMMANDS = {
    "book": "execute the pages and build the web edition (COLD=1 executes everything again)",
    "pdf": "execute the pages and typeset the paper edition (needs LaTeX)",
    "site": "book and pdf: the web edition, which then offers the PDF",
    "test": "run all tests",
    "serve": "preview the book in a browser; rebuilds what changes",
    "notebooks": "write the .ipynb paired with each page",
    "new-page": "make a page to start from: new-page METHOD NAME (METHOD=... NAME=... with make)",
    "studies": "run the studies whose records are out of date (several seeds: takes a while)",
    "check": "quick checks: style, layering, prose, claims' form, links, records",
    "outside-links": "ask every address that the built book links to whether it still answers",
    "gpu-smoke": "run in the gpu profile, with the work cut, the pages that differ there",
    "launch-test": "run every notebook and the unit tests as in Colab, or those named",
    "clean": "delete what the build made in this folder",
}
READY = "MLEARTH_ENVIRONMENT_READY"


def main(arguments=None):
    """Run a command; the exit code is 0 if it succeeded.

    Parameters
    ----------
    arguments : list of str, optional
        The command line unless given.

    Returns
    -------
    int
    """
    options = _parser().parse_args(arguments)
    if options.command == "help":
        _parser().print_help()
        return 0
    try:
        if options.command != "clean" and READY not in os.environ:
            return _rerun_inside(environment.ensure(), options)
        from bookbuild import commands

        return commands.run(options.command, options.rest)
    except KeyboardInterrupt:
        print("\nInterrupted. What is finished is kept; run the same command to go on.")
        return 130
    except environment.SetUpError as error:
        print(error, file=sys.stderr)
        return 1


def _parser():
    width = max(map(len, COMMANDS))
    listing = "\n".join(f"  {name.ljust(width)}  {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bookbuild",
        description="Build and check the book.",
        epilog=f"commands:\n{listing}\n\n`make COMMAND` does the same where make is installed.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choices = ["help", *COMMANDS]
    parser.add_argument("command", nargs="?", default="help", choices=choices, metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="passed on (test: to pytest)")
    return parser


def _rerun_inside(python, options):
    """Run the same command with the environment's Python."""
    path = os.pathsep.join(filter(None, [str(paths.CODE), os.environ.get("PYTHONPATH")]))
    variables = os.environ | {READY: "1", "PYTHONPATH": path}
    command = [python, "-m", "bookbuild", options.command, *options.rest]
    process = subprocess.Popen(command, cwd=paths.ROOT, env=variables)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # it was interrupted too, and ends in its own way


if __name__ == "__main__":
    sys.exit(main())
