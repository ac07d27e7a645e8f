"""The verbs of a refund, by phase of its life."""
