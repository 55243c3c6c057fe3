"""The review routes of rules 3.1 as one table: who reviews in which state, with which outcomes."""

from collections.abc import Iterable
from dataclasses import dataclass

from approvals.models import Outcome, Stage
from certification.catalogue.models import ApplicationKind, Category
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
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
        # The rare one last: a reviewer's list opens on the first. It is in the city's place, so that whoever gives the
        # final opinion, or puts the province's own on record, is a second person (rules 4.3): the capacity is that of
        # the first review.
        Step(
            Stage.TAKEN_OVER,
            ApplicationState.TAKEN_OVER,
            "approvals.review_province",
            Role.PROVINCIAL_REVIEWER,
            Capacity.REVIEWS_FIRST,
            {Outcome.PASS: "forward", **_CITY},
        ),
    )
}
BY_STATE: dict[str, Step] = {step.state: step for step in STEPS.values()}

# What the province says of what a city passed and reported (rules 3.1, reading): nothing waits for it but the decision,
# so that it is no step of the way. On record it moves nothing; an objection leads back to the city.
RECORD = Step(
    Stage.PROVINCIAL_RECORD,
    ApplicationState.CLEARED,
    "approvals.review_province",
    Role.PROVINCIAL_REVIEWER,
    Capacity.REVIEWS,
    {Outcome.PASS: "", Outcome.OBJECT: "object", Outcome.REFUSE: ""},
)
# Everything that is prepared and handed over.
PREPARED: dict[Stage, Step] = {**STEPS, RECORD.stage: RECORD}

# Which stages are the city's opinion and which the province's, for separation and for the record (rules 4.3).
CITY_STAGES = (Stage.PRELIMINARY, Stage.CITY_REVIEW)
# Those that come first where two tiers review, whoever gives them.
FIRST_STAGES = (*CITY_STAGES, Stage.TAKEN_OVER)
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
    """The name of the transition. For renewals what the city reviewed goes back to that review, and the review that
    the province took over admits to the exam as the city's would."""
    if application.kind != ApplicationKind.INITIAL and (step.stage, outcome) == (Stage.TAKEN_OVER, Outcome.PASS):
        return "clear"
    if outcome == Outcome.RETURN_TO_CITY and application.kind != ApplicationKind.INITIAL:
        return "return_to_city_review"
    return step.outcomes[outcome]


def needs_provincial_record(application: ExamApplication) -> bool:
    """Whether the province puts its own review on record: the city admitted to the exam."""
    return application.category == Category.TWO and application.kind != ApplicationKind.INITIAL


def awaiting_record(applications: Iterable[ExamApplication]) -> set[int]:
    """Of which the province's own review must be on record before the decision, by the edition of each
    (``decision.objection``). Ids; one query at most."""
    own = [row for row in applications if needs_provincial_record(row)]
    editions = RuleEdition.objects.in_bulk({row.rule_edition_id for row in own})
    required = {
        pk: lookup.values("decision", "objection", edition)["required_before_decision"]
        for pk, edition in editions.items()
    }
    return {row.pk for row in own if required[row.rule_edition_id]}
