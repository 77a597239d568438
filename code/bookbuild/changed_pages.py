"""Which pages a change touches, for the summary of a pull request.

``python -m bookbuild.changed_pages BASE ADDRESS`` prints Markdown; `BASE` is the commit to compare
with and `ADDRESS` where the built site can be had.
"""

import subprocess
import sys

from bookbuild import pages, paths

EVERY_PAGE = ("book/_config.yml", "book/_ext/", "book/_static/", "book/_templates/")


def changed_files(base):
    """List the files that differ from where this branch left another.

    Parameters
    ----------
    base : str
        A commit or branch.

    Returns
    -------
    set of str
        Paths from the root of the repository.
    """
    command = ["git", "diff", "--name-only", "-z", f"{base}...HEAD"]
    told = subprocess.run(command, cwd=paths.ROOT, check=True, capture_output=True, text=True)
    return set(filter(None, told.stdout.split("\0")))


def changed_pages(files):
    """Find the pages that changed files touch: their text, the code they import, their records.

    Parameters
    ----------
    files : set of str
        As `changed_files` returns them.

    Returns
    -------
    dict of str to list of str
        For the name of each page the files that it changed by.
    """
    causes = {}
    for file in sorted(paths.BOOK.rglob("*.md")):
        if paths.BUILD not in file.parents:
            causes[file.relative_to(paths.BOOK).with_suffix("").as_posix()] = {file}
    for page in pages.find_pages():
        causes[page.name] |= pages.imported_modules(page.code + pages.stand_ins(page))
        causes[page.name] |= set(pages.studies_used(page.code))
    named = {
        name: sorted({file.relative_to(paths.ROOT).as_posix() for file in mine} & files)
        for name, mine in causes.items()
    }
    return {name: mine for name, mine in named.items() if mine}


def summary(files, address):
    """Write the summary in Markdown.

    Parameters
    ----------
    files : set of str
    address : str
        Where the built site can be downloaded.

    Returns
    -------
    str
    """
    found = changed_pages(files)
    lines = [f"## Changed pages\n\nUnpack [the site]({address}) and open:\n"]
    lines += [f"- `{name}.html` ({', '.join(why)})" for name, why in found.items()]
    if not found:
        lines = [f"## Changed pages\n\nNo page changed. The whole of [the site]({address})."]
    if any(file.startswith(EVERY_PAGE) for file in files):
        lines.append("\nThe look of every page may have changed.")
    return "\n".join(lines)


if __name__ == "__main__":
    print(summary(changed_files(sys.argv[1]), sys.argv[2]))
