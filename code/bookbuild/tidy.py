"""What editors leave behind in files, and files that are too large for a repository."""

import re
import subprocess
import sys

from bookbuild import paths

LARGEST = 500_000  # bytes
FINDINGS = {
    "a space at the end of a line": re.compile(rb"[ \t]+\r?$", re.MULTILINE),
    "a line end of Windows": re.compile(rb"\r\n"),
    "a conflict that was not resolved": re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE),
    "no line end at its end": re.compile(rb"[^\n]\Z"),
    "empty lines at its end": re.compile(rb"\n\n\Z"),
}


def problems():
    """Look at every file that is, or would be, under version control.

    Returns
    -------
    list of str
        ``file: what is wrong``.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=paths.ROOT, capture_output=True, text=True)
    if told.returncode:
        print("whitespace and sizes: skipped, because this is no git clone")
        return []
    files = [paths.ROOT / name for name in sorted(set(told.stdout.split("\0")) - {""})]
    return [problem for file in files if file.is_file() for problem in _problems(file)]


def _problems(file):
    name, content = file.relative_to(paths.ROOT), file.read_bytes()
    if len(content) > LARGEST:
        yield f"{name}: {len(content) / 1e6:.1f} MB; keep it elsewhere and register its address"
    if b"\0" in content:
        return  # not a text
    for what, pattern in FINDINGS.items():
        found = pattern.search(content)
        if found:
            line = content.count(b"\n", 0, found.start()) + 1
            yield f"{name}:{line}: {what}"


if __name__ == "__main__":
    sys.exit("\n".join(problems()) or 0)
