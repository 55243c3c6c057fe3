"""The review routes of rules 3.1 as one table: who reviews in which state, with which outcomes."""

from dataclasses import dataclass

from approvals.models import Outcome, Stage
from certification.catalogue.models import ApplicationKind, Category
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from exams.models import ExamApplication
from exams.states import ApplicationState


@dataclass(frozen=True)
class Step:
    """One review: the state it is waited for in, who does it, and the transition that each outcome makes.

    ``own`` says that only the application's own organiser reviews.
    """

    stage: Stage
    state: ApplicationState
    action: str
    role: Role
    capacity: Capacity
    outcomes: dict[Outcome, str]
    own: bool = False


_CITY = {
    Outcome.RETURN: "return_to_filer",
    Outcome.PROPOSE_REFUSAL: "propose_refusal",
}
_PROVINCE = {
    Outcome.PASS: "clear",
    Outcome.RETURN: "return_to_filer",
    Outcome.REFUSE: "refuse",
}

STEPS: dict[Stage, Step] = {
    step.stage: step
    for step in (
        Step(
            Stage.PRELIMINARY,
            ApplicationState.PRELIMINARY_REVIEW,
            "approvals.review_city",
            Role.CITY_REVIEWER,
            Capacity.REVIEWS_FIRST,
            {Outcome.PASS: "forward", **_CITY},
            own=True,
        ),
        Step(
            Stage.CITY_REVIEW,
            ApplicationState.CITY_REVIEW,
            "approvals.review_city",
            Role.CITY_REVIEWER,
            Capacity.REVIEWS_FIRST,
            {Outcome.PASS: "clear", **_CITY},
            own=True,
        ),
        Step(
            Stage.FINAL,
            ApplicationState.FINAL_REVIEW,
            "approvals.review_province",
            Role.PROVINCIAL_REVIEWER,
            Capacity.REVIEWS,
            {**_PROVINCE, Outcome.RETURN_TO_CITY: "return_to_city"},
        ),
        Step(
            Stage.DIRECT,
            ApplicationState.DIRECT_REVIEW,
            "approvals.review_province",
            Role.PROVINCIAL_REVIEWER,
            Capacity.REVIEWS,
            _PROVINCE,
        ),
    )
}
BY_STATE: dict[str, Step] = {step.state: step for step in STEPS.values()}

# Which stages are the city's opinion and which the province's, for separation and for the record (rules 4.3).
CITY_STAGES = (Stage.PRELIMINARY, Stage.CITY_REVIEW)
PROVINCIAL_STAGES = (Stage.FINAL, Stage.DIRECT, Stage.OBJECTION, Stage.PROVINCIAL_RECORD)


def route(category: str, kind: str) -> tuple[Stage, ...]:
    """The stages that an application passes when nobody objects, in order; the last admits to the exam, except
    the province's own record, which the decision waits for (rules 3.1, reading)."""
    if category == Category.ONE:
        return (Stage.DIRECT,)
    if kind == ApplicationKind.INITIAL:
        return (Stage.PRELIMINARY, Stage.FINAL)
    return (Stage.CITY_REVIEW, Stage.PROVINCIAL_RECORD)


def transition_for(step: Step, outcome: Outcome, application: ExamApplication) -> str:
    """The name of the transition; what the city reviewed for renewals goes back to that review."""
    if outcome == Outcome.RETURN_TO_CITY and application.kind != ApplicationKind.INITIAL:
        return "return_to_city_review"
    return step.outcomes[outcome]


def needs_provincial_record(application: ExamApplication) -> bool:
    """Whether the province's own review must be on record before the decision: the city admitted to the exam."""
    return application.category == Category.TWO and application.kind != ApplicationKind.INITIAL
