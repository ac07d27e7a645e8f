"""The trade itself: one folder per domain, no web framework inside."""
