"""Are the real SmolLM2's token ids those of the `tokenizers` package, on varied strings?

    python3 scripts/check_tokenizer.py [--strings N]

The vocabulary is that of SmolLM2-135M-Instruct, out of the file that scripts/perplexity.py fetches (93 MB, once).
"""

from __future__ import annotations

import argparse
import json

from perplexity import ensure_model, run_in_venv
from support.environment import ScriptError, run_main


def main() -> int:
    """Compare ids, decoded text and streamed text of every string."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strings", type=int, default=10_000, help="how many strings (10000)")
    options = parser.parse_args()
    returncode = run_in_venv(__file__)
    if returncode is not None:
        return returncode
    import tokenizers

    from fixtures.varied_text import varied_strings
    from tinyvlm.text.tokenizer import StreamDecoder, Tokenizer, clean
    from tinyvlm.weights.gguf import GGUFFile
    from tinyvlm.weights.gguf_tokenizer import tokenizer_definition

    with GGUFFile(ensure_model()) as file:
        definition = tokenizer_definition(file.metadata)
    ours, theirs = Tokenizer(definition), tokenizers.Tokenizer.from_str(json.dumps(definition))
    count = 0
    for text in varied_strings(options.strings, seed=0, tokens=sorted(ours.special_tokens)):
        ids, decoder = ours.encode(text), StreamDecoder(ours)
        count += len(ids)
        decoded, streamed = ours.decode(ids), "".join(decoder.push(token) for token in ids) + decoder.flush()
        if ids != theirs.encode(clean(text)).ids or not decoded == streamed == theirs.decode(ids):
            raise ScriptError(f"{text!r}: {ids} -> {streamed!r}; tokenizers: {theirs.encode(clean(text)).ids}")
    print(f"{options.strings} strings, {count} tokens: ids and text are the same.")
    return 0


if __name__ == "__main__":
    run_main(main)
