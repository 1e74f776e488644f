"""Images that are drawn, with all that is known of them: scenes, cards, charts, shapes."""
