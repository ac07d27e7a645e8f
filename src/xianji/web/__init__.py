"""The doors people and programs come in by. Owns no rules and no tables; composes views and calls verbs."""
