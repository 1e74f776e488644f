"""The page for hours, and what it survives: many questions in one tab, kills at any moment, tasks that take long."""
