"""The real SmolLM2-135M-Instruct, and what 8 bits cost it: in perplexity, in answers, and its tokenizer's ids."""
