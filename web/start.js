// Where the page begins. WebKit (GTK 2.50.6) fetches all of a module script's imports, of which app.js has many, and now and
// then does not run it; what is imported from a script that runs, it runs.

await import("./app.js");
