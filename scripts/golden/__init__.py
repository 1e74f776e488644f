"""Writers of tests/golden, each started by hand, with packages that nothing else here needs."""
