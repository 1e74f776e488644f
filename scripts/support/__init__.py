"""What every entry stands on: the checkout and its environments, Chromium, Emscripten."""
