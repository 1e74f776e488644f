"""The doors that the page's worker uses."""
