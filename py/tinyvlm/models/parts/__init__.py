"""Parts to build architectures with: pure functions over `ops`, weights and a config."""
