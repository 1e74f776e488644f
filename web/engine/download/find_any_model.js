// What a person names or drops -> a model's texts and where its weights are to be had: whatever hub.js finds, one of the
// site's own models, or dropped files.

import { findOwnModel, orKept, ownNameOf } from "./find_model.js";
import { Hub } from "./hub_host.js";
import { fromFiles, resolveModel } from "./hub.js";
import { fetchNow, sleep } from "./request.js";

/** @import { Find, FoundModel } from "./find_model.js" */

/** @type {Find} */
export async function findAnyModel(options, site, tools) {
  const { files, hub: endpoint, token } = options;
  const asked = options.model ?? site.default_model;
  const isStale = async () => false;
  if (files) return { ...(await fromFiles(files)), own: false, source: null, hub: null, isStale };
  if (ownNameOf(options, site)) return findOwnModel(options, site, tools);
  const hub = new Hub({ endpoint, token });
  const context = { hub, sleep, fetch: fetchNow, digest: tools.hasher.digest.bind(tools.hasher) };
  const found = await orKept(asked, (context) => resolveModel(asked, context), context, tools);
  return { ...found, own: false, source: asked, hub, isStale };
}
