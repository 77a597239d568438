"""Where a page runs: its seed, its device, its profile and its folders.

The only module that reads the environment. The variables, all optional:

- ``MLEARTH_PROFILE``: ``laptop`` (default) or ``gpu``.
- ``MLEARTH_SEED``: a whole number added to every page's seed; studies use it to vary the seed.
- ``MLEARTH_SMOKE``: ``1`` cuts the work of `pick` to a token amount, to test that pages run.
- ``MLEARTH_DATA``: a folder with data files, searched first.
- ``MLEARTH_CACHE``: where downloads and executed pages are kept, instead of the user's cache.
- ``MLEARTH_OFFLINE``: ``1`` says that the network is known to be out of reach.
"""

import os
import random
import sys
from pathlib import Path

import numpy as np

PROFILES = ("laptop", "gpu")


def profile():
    """The profile in force.

    Returns
    -------
    str
        ``"laptop"`` or ``"gpu"``.

    Raises
    ------
    ValueError
        If ``MLEARTH_PROFILE`` names anything else.
    """
    name = os.environ.get("MLEARTH_PROFILE") or "laptop"
    if name not in PROFILES:
        raise ValueError(
            f"MLEARTH_PROFILE is {name!r}, but the profiles are 'laptop' (the default) and 'gpu'. "
            "Set it to one of these, or unset it."
        )
    return name


def smoke():
    """Whether the work is cut to a token amount, only to see that pages run.

    Returns
    -------
    bool
    """
    return _switch("MLEARTH_SMOKE")


def pick(*, laptop, gpu):
    """Choose the setting for the profile in force.

    Parameters
    ----------
    laptop, gpu : object
        The value for each profile.

    Returns
    -------
    object
        One of the two; a whole number is cut to a hundredth (at least 2) in a smoke run.
    """
    value = laptop if profile() == "laptop" else gpu
    if smoke() and isinstance(value, int) and not isinstance(value, bool):
        return max(2, value // 100)
    return value


def seed_offset():
    """The number that ``MLEARTH_SEED`` adds to every seed.

    Returns
    -------
    int
        0 unless the variable is set.

    Raises
    ------
    ValueError
        If the variable is not a whole number of 0 or more.
    """
    text = os.environ.get("MLEARTH_SEED") or "0"
    if not text.isdecimal():
        raise ValueError(
            f"MLEARTH_SEED is {text!r}; it takes a whole number of 0 or more, such as 3."
        )
    return int(text)


def seed_everything(seed):
    """Seed Python and the frameworks that are imported, and return a generator for NumPy code.

    Draw from the returned generator and pass it on; nothing in the book draws from NumPy's global
    one (which Keras, if imported, seeds too).

    Parameters
    ----------
    seed : int
        The page's seed, 0 or more; ``MLEARTH_SEED`` is added to it.

    Returns
    -------
    numpy.random.Generator
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"A seed is a whole number of 0 or more, not {seed!r}.")
    seed = int(seed) + seed_offset()
    random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
    elif "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(seed)
    return np.random.default_rng(seed)


def best_device():
    """The device that PyTorch should use: a GPU in the gpu profile if there is one.

    Returns
    -------
    torch.device
    """
    import torch

    return torch.device("cuda" if profile() == "gpu" and torch.cuda.is_available() else "cpu")


def glue(name, value):
    """Record a result under a name, so that the prose can quote it instead of typing it.

    In the book the value appears where ``{glue:text}`` names it; in a plain notebook it is
    printed.

    Parameters
    ----------
    name : str
        ``page.result``, for example ``"trees.depth"``.
    value : float, int, bool or str
        What to record; NumPy scalars are converted.
    """
    value = value.item() if isinstance(value, np.generic | np.ndarray) else value
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"glue takes a number, a truth value or a text, not {type(value).__name__}")
    try:
        from myst_nb import glue as record
    except ImportError:
        print(f"{name} = {value}")
    else:
        record(name, value, display=False)


def data_folder():
    """The folder that ``MLEARTH_DATA`` names.

    Returns
    -------
    pathlib.Path or None
        None if the variable is not set.
    """
    text = os.environ.get("MLEARTH_DATA")
    return Path(text).expanduser().absolute() if text else None


def cache_folder():
    """Where downloads and executed pages are kept.

    Returns
    -------
    pathlib.Path
        ``MLEARTH_CACHE`` if set, otherwise the user's cache folder for this book.
    """
    text = os.environ.get("MLEARTH_CACHE")
    if text:
        return Path(text).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("mlearth")


def offline():
    """Whether the network is known to be out of reach.

    Returns
    -------
    bool
    """
    return _switch("MLEARTH_OFFLINE")


def _switch(name):
    text = os.environ.get(name, "0") or "0"
    if text not in ("0", "1"):
        raise ValueError(f"{name} is {text!r}; it takes 0 or 1.")
    return text == "1"
