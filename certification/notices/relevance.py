"""Whether a notice still says something to do at the moment at which it leaves the house.

An app whose notices can be overtaken (a reminder of what was done in the meantime) registers a check.
"""

from collections.abc import Callable, Collection

# Ids of notices → why each of those that say nothing any more need not go out.
Check = Callable[[Collection[int]], dict[int, str]]

_checks: list[Check] = []


def register(check: Check) -> None:
    """Ask ``check`` before anything is sent; call in AppConfig.ready."""
    if check not in _checks:
        _checks.append(check)


def overtaken(notice_ids: Collection[int]) -> dict[int, str]:
    """Of these notices, those that need not go out any more, each with its reason."""
    return {pk: reason for check in _checks for pk, reason in check(notice_ids).items()}
