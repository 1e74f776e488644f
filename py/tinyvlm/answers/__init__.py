"""From a prompt to an answer: generation, how tokens are picked, what forms an answer may be held to."""
