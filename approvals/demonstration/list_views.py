"""Saved views of the reviewers: what each of them opens every morning."""

from approvals.lists import saved_views
from approvals.models import Place
from certification.organisations.models import User

# Username, list, name, filter.
VIEWS = (
    ("shi-shenhe", Place.REVIEWS, "电工初审", "stage=PRELIMINARY&job=01"),
    ("shi-shenhe", Place.REVIEWS, "缺学时证明", "stage=CITY_REVIEW&conditional=on"),
    ("sheng-shenhe", Place.REVIEWS, "今日截止", "stage=FINAL&due=today"),
    ("sheng-shenhe", Place.REPORTS, "附条件", "stage=PROVINCIAL_RECORD&conditional=on"),
    ("sheng-shenhe", Place.REVIEWED, "本人办理", "mine=on"),
)


def play(users: dict[str, User], *, now) -> None:
    """Keep them."""
    for username, place, name, query in VIEWS:
        saved_views.keep(actor=users[username], now=now, place=place, name=name, query=query)
