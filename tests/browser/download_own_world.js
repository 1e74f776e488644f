// As download_world.js, with the download worker that knows the site's own models alone.
import "./download_stubs.js";
import "./engine/download/worker.js";
