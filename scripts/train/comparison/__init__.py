"""Which tower, which resolution, which tokens: what linear probes read from each, and what it costs."""
