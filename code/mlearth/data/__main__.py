"""List, fetch and verify the data files that the book can use."""

import argparse
import sys

from mlearth.data.entries import DataError, registry
from mlearth.data.files import fetch, locate, verify


def main(arguments=None):
    """Run the command line of ``python -m mlearth.data``.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        Exit code: 0, or 1 if a file is corrupt or could not be fetched.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "fetch":
            return _print_fetched(options.names or list(registry()))
        return _print_findings() if options.command == "verify" else _print_list()
    except DataError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m mlearth.data", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("list", help="list the files; what happens without a command")
    fetching = commands.add_parser("fetch", help="download files into the cache")
    fetching.add_argument("names", nargs="*", metavar="NAME", help="entries; all by default")
    commands.add_parser("verify", help="check the files that are here against the registry")
    return parser


def _print_fetched(names):
    for name in names:
        print(f"{name}: {fetch(name)}")
    return 0


def _print_findings():
    findings = verify()
    for name, path, problem in findings:
        print(f"{name}: {problem or f'{path} is intact'}")
    for name in sorted(set(registry()) - {finding.name for finding in findings}):
        print(f"{name}: not on this computer")
    return int(any(finding.problem for finding in findings))


def _print_list():
    code = 0
    for entry in registry().values():
        try:
            path = locate(entry)
            status = f"observed, in {path}" if path else "simulated until fetched"
        except DataError as problem:
            code, status = 1, f"unusable. {problem}"
        print(f"{entry.name} ({entry.bytes} bytes, {entry.licence}): {status}")
    return code


if __name__ == "__main__":
    sys.exit(main())
