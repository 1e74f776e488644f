import { TinyVLM, TinyVLMError } from "tinyvlm";
import "tinyvlm/element";

// For the test, which asks the module as well.
Object.assign(window, { TinyVLM, TinyVLMError });
