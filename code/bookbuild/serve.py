"""Execute what changed, before the live preview renders it again."""

import sys

from bookbuild import build, execute, pages

if __name__ == "__main__":
    with execute.build_lock():
        try:
            results = execute.run(pages.find_pages())
            build.require_success(results)
            build.write_status(results)
        except build.BuildError as error:
            sys.exit(str(error))
    for problem in build.content_problems(results):
        print(problem, file=sys.stderr)
