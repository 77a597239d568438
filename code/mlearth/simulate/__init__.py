"""Physics that makes data with a known truth: NumPy, SciPy and Numba only."""
