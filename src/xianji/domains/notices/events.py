"""What notices tell: only that there are some, so that open pages look again."""

from xianji.kernel.work import Event


class NoticesTold(Event, frozen=True, tag="notices.told.v1"):
    members: list[str]
