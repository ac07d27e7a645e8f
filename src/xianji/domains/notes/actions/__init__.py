"""The verbs of notes, split by what they concern: the note itself, talk below it, marks on it, its reading."""
