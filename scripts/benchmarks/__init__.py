"""What scripts/bench.py measures: kernels, networks and the page, natively and in Chromium."""
