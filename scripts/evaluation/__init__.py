"""What scripts/evaluate.py is made of: tasks, answers, scores, baselines, and the table in the model card."""
