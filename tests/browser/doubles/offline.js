// Stands in for web/offline.js: there is no service worker; `window.newVersion()` says that a new version is there.

/** @import * as real from "../../../web/offline.js" */

/** @type {typeof real.settle} */
export async function settle() {}

/** @type {typeof real.keepOffline} */
export async function keepOffline(loaded, onNewVersion) {
  Object.assign(window, { newVersion: onNewVersion });
}
