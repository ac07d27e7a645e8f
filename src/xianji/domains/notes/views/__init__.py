"""Notes as readers see them: the page with its board, the talk below it, and lists of notes."""
