// Stands in for web/offline.js: there is no service worker; `window.newVersion()` says that a new version is there.

export async function settle() {}

export async function keepOffline(loaded, onNewVersion) {
  window.newVersion = onNewVersion;
}
