"""The code behind the book: simulators, models, data, scores and figures."""

__version__ = "0.1.0.dev0"
