"""Who may look at deadlines: everybody who works on cases; which ones is a matter of scope."""

from certification.organisations.roles import Role

ACTIONS = [("deadlines.view", "查看时限说明", frozenset(Role) - {Role.ADMINISTRATOR})]

URLS = {"deadlines:explanation": "deadlines.view"}
