"""What a returned plan owes, and what it means that nobody filed it again (rules 2.5, 2.8).

A returned plan is in time until the day before class start: a deadline of its own, so that it is reminded of, shown
and counted like any other. It opens with the return and is met by filing again.
"""

from collections.abc import Iterable
from datetime import datetime

from certification.deadlines import consequences, ledger
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.workflow import lock, log
from training.models import TrainingPlan
from training.states import PlanState

PLAN_ANSWER = "plan_answer"
NOT_ANSWERED = "退回后未在开班前重新报备，该班不得开班"


def register() -> None:
    """Tell the sweep; called when the app is ready."""
    consequences.register(PLAN_ANSWER, answer_missed)


def await_answers(plans: Iterable[TrainingPlan], *, now: datetime) -> None:
    """The plans were returned, for the first time or again: they are to be filed again before class starts."""
    for plan in plans:
        ledger.open_deadline(
            PLAN_ANSWER,
            plan,
            event_on=plan.class_start,
            responsible=plan.institution,
            institution=plan.institution,
            organiser=plan.organiser,
            now=now,
            edition=plan.rule_edition,
        )
    ledger.unmeet(PLAN_ANSWER, plans, now=now, reason="再次退回")


def no_answer_due(plans: Iterable[TrainingPlan], *, now: datetime, reason: str) -> None:
    """The plans stand after all: the province overruled the city that had returned them."""
    ledger.close(PLAN_ANSWER, plans, now=now, reason=reason)


def answer_missed(deadline: Deadline, now: datetime) -> None:
    """The class does not begin: nothing is due for it any more."""
    plans = lock(TrainingPlan.objects.filter(pk=deadline.subject_id, state=PlanState.RETURNED))
    ledger.close(None, plans, now=now, reason=NOT_ANSWERED)
    log(plans, "answer_missed", actor=User.objects.system(), now=now, reason=NOT_ANSWERED)
