"""One linear op in steps (docs/kernels.md): sources, what they compute, how they are run."""
