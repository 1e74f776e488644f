// As worker.js, for whatever a person may name or drop; the site's own models are among it, by their addresses.

import { bringWith } from "./bring.js";
import { findAnyModel } from "./find_any_model.js";

bringWith(findAnyModel);
