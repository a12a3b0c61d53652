"""What can go wrong with a file, for the code that sent it to be looked at."""


class CannotRead(Exception):
    """The file is not what it should be, or too costly to open: it stays a plain download. `reason`: a few English words
    for the log, with nothing of the file's content in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Busy(Exception):
    """The workshop has more to do than it can: nothing is said about the file, and it may be tried again later."""
