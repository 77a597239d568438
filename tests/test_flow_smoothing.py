"""Smoothing first, then looking for the law: what the rival finds in an exact flow."""

import numpy as np
import pytest

from mlearth.models.flow_equations import MOMENTUM
from mlearth.models.flow_features import HarmonicField, draw_neurons
from mlearth.models.flow_smoothing import ROUGHNESS, regress, sample_period, weak_numbers

REYNOLDS, DRIFT = 40.0, 0.8
GROWTH = REYNOLDS / 2 - np.sqrt(REYNOLDS**2 / 4 + 4 * np.pi**2)
RATE = 2 * np.pi * DRIFT


def drifting_grid_flow(x, y, phase):
    """Flow behind a grid (Kovasznay 1948) that drifts across the stream: u, v."""
    place, decay = 2 * np.pi * y - phase, np.exp(GROWTH * x)
    u = 1 - decay * np.cos(place)
    return u, DRIFT + GROWTH / (2 * np.pi) * decay * np.sin(place)


def test_integrals_find_both_numbers_of_an_exact_flow():
    x, y = np.linspace(-0.3, 0.7, 81), np.linspace(-0.5, 0.5, 81)
    phases = np.arange(32) * 2 * np.pi / 32
    u, v = drifting_grid_flow(x[:, None], y, phases[:, None, None])
    found = weak_numbers(x, y, u, v, RATE, halves=(0.25, 0.25), counts=(5, 5))
    assert found == pytest.approx((1, 1 / REYNOLDS), rel=1e-4)


def test_velocities_over_a_period_are_those_of_the_stream_function():
    rng = np.random.default_rng(0)
    features = [draw_neurons(rng, 6, (0, -1), (2, 1), 1.0, parity=s) for s in (-1, 1)]
    psi, x, y = HarmonicField(features, (4, 4, 3), 1.3), np.linspace(0, 2, 5), np.linspace(-1, 1, 4)
    stream, step = rng.normal(size=psi.size), 1e-5
    u, v = sample_period(psi, stream, x, y, 3)

    def value(*point):
        return psi.values(psi.prepare(np.array([point]), [""]), "", stream)[0]

    here = x[3], y[1], 4 * np.pi / 3
    ends = [value(here[0], here[1] + s, here[2]) for s in (step, -step)]
    assert u[2, 3, 1] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-7)
    ends = [value(here[0] + s, here[1], here[2]) for s in (step, -step)]
    assert v[2, 3, 1] == pytest.approx(-(ends[0] - ends[1]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("given", [None, (0.9, 0.3)])
def test_numbers_that_are_given_are_kept(given):
    rng = np.random.default_rng(1)
    features = [draw_neurons(rng, 9, (0, -1), (2, 1), 1.0, parity=s) for s in (1, -1)]
    fields = {"psi": HarmonicField(features[::-1], (6, 6)), "p": HarmonicField(features, (4, 4))}
    places = rng.uniform((0, -1, 0), (2, 1, 6), (200, 3))
    found = regress(fields, rng.normal(size=fields["psi"].size), places, 1.1, given).numbers
    kept = (found["inertia"], found["viscosity"]) == (given or (0.0, 0.0))
    assert kept == (given is not None)
    assert set(ROUGHNESS) <= set(MOMENTUM)
