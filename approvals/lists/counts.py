"""The numbers above a review list, each of which opens its rows: by step, and within a step by what is urgent."""

from datetime import date
from typing import NamedTuple

from approvals.assignments import assigned
from approvals.forms.lists import MINE, OVERDUE, POOL, TODAY, ListFilter, overdue
from approvals.lists import bounded, queue
from approvals.lists.bounded import Bounded
from approvals.reviews.stages import Step
from certification.organisations.access import may

REPORTED = "reported"


class Standing(NamedTuple):
    """One number: what is counted, how many, the address (behind ?) of its rows, whether it is what is shown now."""

    label: str
    count: Bounded
    query: str
    current: bool


def of_steps(user, steps: list[Step]) -> dict[str, Bounded]:
    """How many wait for each step: stage → number, in one query."""
    return bounded.counts({step.stage.value: queue.waiting(user, step) for step in steps})


def of_page(
    user, steps: list[Step], step: Step, form: ListFilter, today: date
) -> tuple[dict[str, Bounded], list[Standing]]:
    """What a page shows, in one query: how many wait for each step, and of ``step`` how many are due today, overdue,
    corrected, in hand and in nobody's. Where the province reviews, also what cities reported."""
    waiting = {one.stage.value: queue.waiting(user, one) for one in steps}
    rows = waiting[step.stage.value]
    urgent = {
        ("逾期", "due", OVERDUE): overdue(rows, step, today),
        ("今日截止", "due", TODAY): rows.filter(due_on=today),
        ("退回后再报", "again", "on"): rows.filter(resubmitted_at__isnull=False),
        ("待认领", "who", POOL): assigned.in_pool(rows),
    }
    if may(user, step.action):
        urgent["本人办理", "who", MINE] = assigned.mine(rows, user)
    reported = {REPORTED: queue.reported(user)} if may(user, "approvals.review_province") else {}
    found = bounded.counts({**waiting, **reported, **{" ".join(key): rows for key, rows in urgent.items()}})
    asked = {name: "on" if value is True else value for name, value in form.chosen.items()}
    standing = [
        Standing(label, found[f"{label} {name} {value}"], form.with_only(**{name: value}), asked == {name: value})
        for label, name, value in urgent
    ]
    return found, standing
