"""Idefics3: what SmolVLM was made of, under its own name."""

from .smolvlm import load

__all__ = ["load"]
