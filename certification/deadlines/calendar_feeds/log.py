"""Keeps the secret part of calendar links out of the logs."""

import logging
import re

_TOKEN = re.compile(r"(/feeds/)[\w%.~-]+")
HIDDEN = r"\1••••"


class WithoutTokens(logging.Filter):
    """Replaces the token in the message and in its arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        if isinstance(record.args, dict):
            # Changed in place: gunicorn's atoms are a kind of dict of their own.
            record.args.update((name, _hidden(value)) for name, value in record.args.items())
        elif record.args:
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def guard() -> None:
    """The web server's access log has handlers of its own, which no setting of Django reaches."""
    logger = logging.getLogger("gunicorn.access")
    if not any(isinstance(each, WithoutTokens) for each in logger.filters):
        logger.addFilter(WithoutTokens())


def _hidden(value):
    return _TOKEN.sub(HIDDEN, value) if isinstance(value, str) else value
