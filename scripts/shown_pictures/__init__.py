"""Twenty pictures that nobody trained on, with a question each: photos of packages, and drawings of unused seeds."""
