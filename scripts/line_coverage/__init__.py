"""Which lines the tests run, and which test runs which line: `scripts/test.py --coverage`, `scripts/mutate.py`."""
