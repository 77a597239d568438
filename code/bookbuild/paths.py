"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
BUILD = BOOK / "_build"
HTML = BUILD / "html"
CODE = ROOT / "code"
TESTS = ROOT / "tests"
CLAIMS = TESTS / "claims"
STUDIES = ROOT / "data" / "studies"
CONSTRAINTS = ROOT / "constraints.txt"
