"""The host: everything between the bare machine and the application.

It starts and stops the embedded PostgreSQL, keeps the home folder and its lock, supervises the
processes of one installation, and answers `xianji doctor`. It knows nothing of the trade and imports
nothing of xianji but itself; the application comes in as argv lists and callables (see `xianji.cli`).
"""
