"""Which opinions an institution is told: what it has to answer and what was decided, not what tiers tell each other."""

from collections.abc import Iterator

from approvals.models import Outcome, Review, Stage
from approvals.reviews.opinions import Item
from certification.organisations.access import may
from certification.organisations.models import User
from exams.applications import opinions as shown
from exams.models import ExamApplication

TOLD = (Outcome.RETURN, Outcome.REFUSE, Outcome.PASS)
# Steps in the log of an application that pass between the tiers.
BETWEEN_TIERS = (
    "propose_refusal",
    "return_to_city",
    "return_to_city_review",
    "object",
    "record_provincial_review",
    "reveal_number",
    "prepare_opinion",
    "take_back_opinion",
)


def is_office(user: User) -> bool:
    """Whether ``user`` works on the side that reviews and decides, and so sees every opinion on a case."""
    return may(user, "approvals.view_reviews") or may(user, "approvals.view_licences")


def is_told(review: Review) -> bool:
    """Whether the institution is told this opinion."""
    return review.outcome in TOLD and review.stage != Stage.PROVINCIAL_RECORD


def opinions_for(application: ExamApplication, user: User) -> Iterator[shown.Opinion]:
    """The opinions on the application that ``user`` may see, for its page in exams."""
    office = is_office(user)
    for review in application.reviews.select_related("reviewer__person", "organisation").order_by("at", "pk"):
        if office or is_told(review):
            yield shown.Opinion(
                review.at,
                review.get_stage_display(),
                review.get_outcome_display(),
                review.organisation.short_name,
                review.reason,
                tuple(_line(item) for item in review.items),
            )


def _line(item: dict) -> str:
    return f"{Item(item.get('material', ''), item['text']).label}：{item['text']}"
