// The download worker in a world that its name describes: without OPFS or locks, or where waiting takes no time.
import "./download_stubs.js";
import "./engine/download/any_model_worker.js";
