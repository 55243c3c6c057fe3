"""Who may look at deadlines: everybody who works on cases; which ones is a matter of scope. And who keeps what they
are counted by."""

from certification.deadlines import calendar_entry
from certification.organisations.access import ANY_ACCOUNT, PUBLIC
from certification.organisations.roles import Role

_ON_THE_DAY = {Role.INVIGILATOR, Role.EXAMINER, Role.SITE_STAFF, Role.WINDOW_CLERK}
PLANNERS = frozenset(Role) - _ON_THE_DAY - {Role.ADMINISTRATOR}

ACTIONS = [
    ("deadlines.view", "查看时限说明", frozenset(Role) - {Role.ADMINISTRATOR}),
    ("deadlines.board", "查看逾期看板和时限统计", PLANNERS),
    (calendar_entry.KEEP, "维护工作日历", [Role.ADMINISTRATOR]),
]

URLS = {
    "deadlines:explanation": "deadlines.view",
    "deadlines:usage": "deadlines.view",
    "deadlines:board": "deadlines.board",
    "deadlines:board_export": "deadlines.board",
    "deadlines:figures": "deadlines.board",
    "deadlines:figures_export": "deadlines.board",
    # One's own reminders and one's own link.
    "deadlines:reminded": ANY_ACCOUNT,
    "deadlines:feed": ANY_ACCOUNT,
    "deadlines:feed-create": ANY_ACCOUNT,
    "deadlines:feed-revoke": ANY_ACCOUNT,
    # The secret in the address is the key: calendar programs cannot log in.
    "feeds:calendar": PUBLIC,
}
