"""How often one may fail to look somebody up: the counters and lock-outs of the login (django-axes), under names of
their own, so that web processes share them and no second mechanism counts.

Failures are counted for each identity number from one address, and for each address, whichever number. Only what was
asked with the challenge answered is looked up and counted. A number is not counted over all addresses: that would let a
stranger, who needs nothing but the number, keep its owner out. Whoever tries many numbers, or many names for one, comes
to the limit of the own address.
"""

from axes.handlers.proxy import AxesProxyHandler
from django.utils.crypto import salted_hmac

from certification.portal.login_limits import ADDRESS, NUMBER


def is_locked(request, number: str) -> bool:
    """Whether too many look-ups failed lately."""
    allowed = [AxesProxyHandler.is_allowed(request, each) for each in _counters(number)]
    return not all(allowed)


def failed(request, number: str) -> None:
    """Count one that failed."""
    for each in _counters(number):
        AxesProxyHandler.user_login_failed(sender=__name__, credentials=each, request=request)
    # Its middleware would answer with the page of the login.
    request.axes_locked_out = False


def _counters(number: str) -> list[dict[str, str]]:
    digest = salted_hmac("approvals.public", number, algorithm="sha256").hexdigest()[:32]
    return [{"username": f"{NUMBER}{digest}"}, {"username": ADDRESS}]
