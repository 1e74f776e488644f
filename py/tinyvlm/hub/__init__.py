"""From a name, a path, a URL or a repository to a model folder on this machine."""
