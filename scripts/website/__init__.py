"""The page as a site: its list of files, what has to be built and fetched for them, and a server."""
