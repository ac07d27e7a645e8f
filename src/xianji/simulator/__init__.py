"""The simulator: members doing legal and illegal things through the real actions on a real PostgreSQL.

Clock, chance, the provider's faults and the moments at which the process dies all follow from one seed. An auditor that
shares no code with the rules looks at the rows. `simulate` is what tests call, `main` what `xianji simulate` runs.
"""

from .run import Report, main, simulate

__all__ = ["Report", "main", "simulate"]
