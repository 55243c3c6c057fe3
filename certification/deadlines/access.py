"""Who may look at deadlines: everybody who works on cases; which ones is a matter of scope. And who keeps what they
are counted by."""

from certification.deadlines import calendar_entry
from certification.organisations.access import ANY_ACCOUNT, PUBLIC
from certification.organisations.roles import Role

ACTIONS = [
    ("deadlines.view", "查看时限说明", frozenset(Role) - {Role.ADMINISTRATOR}),
    (calendar_entry.KEEP, "维护工作日历", [Role.ADMINISTRATOR]),
]

URLS = {
    "deadlines:explanation": "deadlines.view",
    # One's own reminders and one's own link.
    "deadlines:reminded": ANY_ACCOUNT,
    "deadlines:feed": ANY_ACCOUNT,
    "deadlines:feed-create": ANY_ACCOUNT,
    "deadlines:feed-revoke": ANY_ACCOUNT,
    # The secret in the address is the key: calendar programs cannot log in.
    "feeds:calendar": PUBLIC,
}
