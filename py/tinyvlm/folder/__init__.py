"""A model's files: which there are, what they say, what is needed first, and how a quantized folder is written."""
