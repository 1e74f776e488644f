"""The page for hours, and what it survives: many questions in one tab, and kills at any moment."""
