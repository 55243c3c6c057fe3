"""What a channel raises."""

LONGEST = 300


class ChannelFailure(Exception):
    """A message did not go. ``permanent``: trying again is of no use. The text is for people and holds no secret."""

    def __init__(self, message: str, *, permanent: bool = False):
        super().__init__(message[:LONGEST])
        self.permanent = permanent
