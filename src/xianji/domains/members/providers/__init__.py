"""Adapters to whoever sends text messages and confirms names."""
