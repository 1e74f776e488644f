"""Writes a GGUF file anew with every quantized tensor in Q8_0; the others and all metadata stay as they are.

python -m benchmarks.peers.requantize SOURCE TARGET        (in the peers' environment)
"""

from __future__ import annotations

import sys

import gguf

_WRITTEN_BY_ITSELF = ("GGUF.", "general.architecture")
"""Fields that the writer makes up or is told on opening."""


def requantize(source: str, target: str) -> None:
    """Quantize every tensor that is not F32 to Q8_0: 32 values a block, int8, one float16 scale."""
    reader, q8_0 = gguf.GGUFReader(source), gguf.GGMLQuantizationType.Q8_0
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name == "general.file_type":
            writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
        elif not name.startswith(_WRITTEN_BY_ITSELF):
            kind, *parts = field.types
            writer.add_key_value(name, field.contents(), kind, parts[-1] if parts else None)
    for tensor in reader.tensors:
        data, kind = tensor.data, tensor.tensor_type
        if kind not in (gguf.GGMLQuantizationType.F32, q8_0):
            data, kind = gguf.quantize(gguf.dequantize(data, kind), q8_0), q8_0
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    requantize(*sys.argv[1:])
