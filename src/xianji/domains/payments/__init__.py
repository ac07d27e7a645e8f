"""Payments: the port to the licensed provider that holds the money, and its adapters."""
