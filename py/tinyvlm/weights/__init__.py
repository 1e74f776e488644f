"""Weights in files: safetensors, and our quantization of them."""
