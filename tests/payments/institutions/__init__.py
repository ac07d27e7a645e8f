"""Institutions of our own making on a local socket, written from the documented wire formats.

They share no code with the adapters: they judge our signatures and make their own with `cryptography` and `hmac`.
"""
