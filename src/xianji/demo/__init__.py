"""The demo town: people, circles, notes and things that read like a living community.

`build.build()` is pure and deterministic; `pictures.draw` draws what the recipes describe; `load.load` brings them into
a database through the same actions members use. Nothing is imported here: the supervisor asks `marks` at every start.
"""
