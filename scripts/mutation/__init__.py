"""Small faults, put into the code one at a time, to see whether a test notices: what `scripts/mutate.py` runs."""
