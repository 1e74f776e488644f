"""The npm package: the modules that other pages import, their types, and what the engine fetches."""
