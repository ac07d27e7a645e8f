"""The verbs of an order, by phase of its life."""
