// Downloads one of the site's own models, or its text reader, beside the engine's worker, which is busy for seconds at its
// start. Ends with the page, or when the page ends it. A first visit brings it, so it knows no others: any_model_worker.js
// does. Two workers, as Firefox lets none import what it turns out to need.

import { bringWith } from "./bring.js";
import { findOwnModel } from "./find_model.js";

bringWith(findOwnModel);
