"""The clock of the loader: it stands at whatever moment of the past the town has reached."""

from datetime import datetime


class Past:
    """A `Clock` that is set by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment
