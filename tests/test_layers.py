"""The arrows of the design hold, and the check that says so can see."""

import pytest

from bookbuild import layers


def test_every_import_points_the_right_way():
    assert layers.problems() == []


@pytest.mark.parametrize(
    ("file", "code", "complaint"),
    [
        ("simulate/heat.py", "import torch", "must not import torch"),
        ("simulate/heat.py", "from mlearth import metrics", "nothing else of ours"),
        (
            "simulate/heat.py",
            "def f():\n    import matplotlib.pyplot",
            "must not import matplotlib",
        ),
        ("models/net.py", "from mlearth.simulate import heat", "must not import mlearth.simulate"),
        ("plotting.py", "from mlearth.models import net", "must not import mlearth.models"),
        ("process_plots.py", "from mlearth.models import net", "must not import mlearth.models"),
        ("heat_plots.py", "from mlearth.models import net", "must not import mlearth.models"),
        ("train.py", "import mlearth.models.net", "must not import mlearth.models"),
        ("metrics.py", "from bookbuild import pages", "must not import bookbuild"),
        ("metrics.py", "import os\nx = os.environ['A']", "only mlearth.runtime reads"),
        ("metrics.py", "import os\nx = os.getenv('A')", "only mlearth.runtime reads"),
    ],
)
def test_an_arrow_that_points_the_wrong_way_is_found(little_book, file, code, complaint):
    for folder in ("simulate", "models"):
        (little_book.root / "code/mlearth" / folder).mkdir(exist_ok=True)
    little_book.write(f"code/mlearth/{file}", code)
    (problem,) = layers.problems()
    assert complaint in problem


def test_what_is_allowed_passes(little_book):
    little_book.write("code/mlearth/simulate/grid.py", "import numpy\n")
    little_book.write("code/mlearth/simulate/heat.py", "from mlearth.simulate import grid\n")
    little_book.write("code/mlearth/runtime.py", "import os\nx = os.environ.get('A')\n")
    little_book.write("code/mlearth/data.py", "from mlearth.simulate import heat\n")
    assert layers.problems() == []
