"""The one way the host says no: two sentences and, where there is one, the command that mends it."""


class HostRefusal(Exception):
    """The machine is not as we need it. Carries a zh and an en sentence and a command that mends it."""

    def __init__(self, zh: str, en: str, mend: str = "") -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.mend = mend

    def lines(self) -> list[str]:
        """The sentences as they are printed."""
        return [self.zh, self.en] + ([f"  → {self.mend}"] if self.mend else [])
