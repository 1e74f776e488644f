"""The whole training of the bundled model; started by `python3 scripts/train`, described in README.md."""
