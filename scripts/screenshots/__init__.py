"""The page as pictures: every state of it with the real model, in light and dark, in English and Japanese."""
