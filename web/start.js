// WebKit (GTK 2.50.6) fetches all of a module script's imports, of which the page has many, and now and then does not run
// it. What is imported by a script that runs is run; where it has run already, nothing happens.

addEventListener("load", () => {
  for (const { src } of document.querySelectorAll("script")) void import(src).catch(() => {}); // its own tells what is wrong
});
