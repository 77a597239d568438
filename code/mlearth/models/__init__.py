"""Models that the chapters teach: one model family per file, none of them knows a simulator."""
