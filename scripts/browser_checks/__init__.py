"""Looks at the page in engines that the browser tests do not drive."""
