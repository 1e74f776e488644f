"""How well readers read: pages that are drawn here, lines of receipts; ours and others' on the same models."""
