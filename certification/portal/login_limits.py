"""What django-axes counts together, and how much it lets pass: logins by account and address; public look-ups by number
and address, and by address with more room, since many sit behind one.

Nobody is counted for what others do elsewhere: a stranger who fails on somebody's number locks out the own address.
"""

from typing import Any

NUMBER = "lookup:number:"
ADDRESS = "lookup:address"
LOGIN_FAILURES, NUMBER_FAILURES, ADDRESS_FAILURES = 8, 5, 40


def parameters(_request_or_attempt: Any, _credentials: dict | None = None) -> list:
    """Axes' ``LOCKOUT_PARAMETERS`` for who is trying."""
    return [["username", "ip_address"]]


def failures(request: Any, credentials: dict | None = None) -> int:
    """Axes' ``FAILURE_LIMIT`` for who is trying."""
    name = _name(request, credentials)
    if name.startswith(NUMBER):
        return NUMBER_FAILURES
    return ADDRESS_FAILURES if name == ADDRESS else LOGIN_FAILURES


def _name(request_or_attempt: Any, credentials: dict | None) -> str:
    named = (credentials or {}).get("username") or getattr(request_or_attempt, "username", "")
    return str(named or "")
