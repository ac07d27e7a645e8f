"""What every domain stands on: database, work, ids, money, clock, refusals, states, outbox, jobs.

Nothing here knows a word of the trade, and nothing here imports a web framework.
"""
