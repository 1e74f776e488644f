// WebKit (GTK 2.50.6) fetches all of a module script's imports, of which app.js has many, and now and then does not run it.
// What is imported by a script that runs is run; where it has run already, nothing happens.

addEventListener("load", () => void import("./app.js").catch(() => {})); // its own script tells what is wrong
