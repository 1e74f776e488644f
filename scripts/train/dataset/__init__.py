"""What is learned from: photos and drawings as pixels and rows, their texts as tokens, their cells as targets."""
