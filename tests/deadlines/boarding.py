"""Deadlines in every standing, of both cities and the province, as the tests of board and figures need them."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from certification.catalogue.models import Category
from certification.deadlines import ledger
from certification.deadlines.models import Deadline
from certification.organisations.models import User
from certification.rulebook import lookup
from tests.factories import World, at
from training.models import TrainingPlan
from training.states import PlanState

OPENED = date(2026, 3, 9)
TODAY = date(2026, 4, 1)
NOW = at(TODAY)


@dataclass
class Ledger:
    """Opens deadlines about invented classes; the rule decides from which event day the last day is counted."""

    world: World
    numbers: count

    def plan(self, *, city: int = 0, code: str = "0101", filed: date = OPENED) -> TrainingPlan:
        """A filed class of an institution of the first or the second city."""
        job_type = self.world.job_type(code)
        institution = (self.world.institution, self.world.other_institution)[city]
        bureau = (self.world.bureau, self.world.other_bureau)[city]
        return TrainingPlan.objects.create(
            institution=institution,
            job_type=job_type,
            kind="INITIAL",
            class_start=date(2026, 4, 20),
            class_end=date(2026, 5, 20),
            capacity=30,
            onsite_hours=100,
            venue="实训楼",
            state=PlanState.FILED,
            number=f"BB-2026-{next(self.numbers):05d}",
            category=job_type.category,
            organiser=self.world.centre if job_type.category == Category.ONE else bureau,
            rule_edition=lookup.edition_on(filed),
            created_by=self.world.user("jigou"),
            created_at=at(filed),
            filed_at=at(filed),
            version=1,
        )

    def deadline(
        self, rule: str, event_on: date, *, plan=None, by: str = "institution", opened: date = OPENED, **plan_of
    ) -> Deadline:
        """One open deadline; ``by`` says whose duty it is."""
        plan = plan or self.plan(**plan_of)
        responsible = {"institution": plan.institution, "organiser": plan.organiser, "province": self.world.centre}[by]
        return ledger.open_deadline(
            rule,
            plan,
            event_on=event_on,
            responsible=responsible,
            institution=plan.institution,
            organiser=plan.organiser,
            now=at(opened),
        )

    def met(self, deadline: Deadline, day: date) -> Deadline:
        (row,) = ledger.meet(deadline.rule.code, [deadline.subject], now=at(day), actor=User.objects.system())
        return row

    def closed(self, deadline: Deadline, day: date, reason: str = "转入待安排") -> Deadline:
        (row,) = ledger.close(deadline.rule.code, [deadline.subject], now=at(day), reason=reason)
        return row

    def every_standing(self) -> dict[str, Deadline]:
        """One of each, due on 24 March by the rule of three working days before the exam, or as named."""
        exam = date(2026, 3, 27)
        rule = "preliminary_review"
        return {
            "overdue": self.deadline(rule, exam, by="organiser"),
            "overdue_elsewhere": self.deadline(rule, exam, by="organiser", city=1),
            "province": self.deadline("final_review", exam, by="province"),
            "met": self.met(self.deadline(rule, exam, by="organiser"), date(2026, 3, 24)),
            "met_late": self.met(self.deadline(rule, exam, by="organiser"), date(2026, 3, 26)),
            "closed_late": self.closed(self.deadline("materials_initial", exam), date(2026, 3, 25)),
            "closed_before": self.closed(self.deadline(rule, exam, by="organiser"), date(2026, 3, 23)),
            "soon": self.deadline("roster", date(2026, 4, 3)),
            "later": self.deadline("roster", date(2026, 5, 20)),
            "provisional": self.deadline("roster", date(2027, 6, 1), city=1),
            "internal": self.deadline("direct_review", exam, by="province", code="0501"),
        }


def month(day: datetime | date) -> str:
    return f"{day:%Y-%m}"
