"""The same work by others: onnxruntime, wllama, numpy."""
