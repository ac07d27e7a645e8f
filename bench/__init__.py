"""How fast the house is, beside the thing itself: `python -m bench`, called by `make bench` (docs/performance.md)."""
