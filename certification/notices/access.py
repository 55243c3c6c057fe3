"""Who may do what with notices: the inbox and one's own settings everybody; texts and group channels administrators."""

from certification.organisations.access import ANY_ACCOUNT
from certification.organisations.roles import Role

ACTIONS = [("notices.manage", "维护提醒文字和单位通道", [Role.ADMINISTRATOR])]

URLS = {
    "notices:inbox": ANY_ACCOUNT,
    "notices:open": ANY_ACCOUNT,
    "notices:read-all": ANY_ACCOUNT,
    "notices:settings": ANY_ACCOUNT,
    "notices:settings-test": ANY_ACCOUNT,
    "notices:texts": "notices.manage",
    "notices:text": "notices.manage",
    "notices:groups": "notices.manage",
    "notices:group-end": "notices.manage",
}
