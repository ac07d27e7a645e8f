"""The verbs of membership, by phase of life: coming in, being somebody, standing, leaving."""
