"""Studies that take longer than a page may: each module's ``run(seed)`` returns its results."""
