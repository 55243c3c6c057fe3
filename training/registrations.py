"""What training tells the kernel's registries; called once from ``AppConfig.ready``."""

from certification.deadlines.late_admissions import admissions
from certification.organisations import separation
from certification.organisations.separation import Capacity
from certification.portal import navigation, search, timeline, todo, tones
from certification.portal.plan import screens
from certification.portal.tones import Tone
from training import access, class_checks, class_registrations, figures, late, obligations, timed_cases
from training.finding import find
from training.hours import hour_checks
from training.models import PlanReceipt, TrainingPlan
from training.plans import starting
from training.rosters import roster_import
from training.separation_sources import conflicted, trains
from training.states import PlanState, ReceiptState, TraineeState
from training.todo import lines


def register() -> None:
    """Fill the registries."""
    separation.register_source(TrainingPlan, Capacity.TRAINS, trains)
    separation.register_source(TrainingPlan, Capacity.CONFLICTED, conflicted)
    separation.register_source(TrainingPlan, Capacity.REVIEWS, separation.signed(PlanReceipt, "answered", "plan"))
    obligations.register()
    starting.register()
    late.register()
    roster_import.register()
    timed_cases.register()
    class_registrations.register()
    class_checks.register()
    hour_checks.register()
    todo.register(lines)
    todo.register(figures.lines)
    search.register(find)
    navigation.register("培训计划", "training:plan_list", access.VIEW, 100, "plan")
    navigation.register("学员名单", "training:roster_list", access.VIEW, 110, "people")
    timeline.register(
        "training.TrainingPlan",
        {"submit_roster": "报送学员名单", "answer_missed": "退回后未重新报备", **admissions.STEPS},
    )
    _register_tones()
    _register_screens()


def _register_tones() -> None:
    tones.register(
        "training.TrainingPlan",
        {
            PlanState.DRAFT: Tone.WAITING,
            PlanState.FILED: Tone.UNDERWAY,
            PlanState.ACKNOWLEDGED: Tone.DONE,
            PlanState.RETURNED: Tone.ATTENTION,
            PlanState.REJECTED: Tone.REFUSED,
            PlanState.WITHDRAWN: Tone.WAITING,
        },
    )
    tones.register(
        "training.PlanReceipt",
        {
            ReceiptState.RECEIVED: Tone.UNDERWAY,
            ReceiptState.ACKNOWLEDGED: Tone.DONE,
            ReceiptState.RETURNED: Tone.ATTENTION,
            ReceiptState.REJECTED: Tone.REFUSED,
        },
    )
    tones.register("training.Trainee", {TraineeState.ENROLLED: Tone.DONE, TraineeState.WITHDRAWN: Tone.WAITING})


def _register_screens() -> None:
    for clause, label, url_name in (
        ("三(一)", "培训计划报备", "training:plan_create"),
        ("三(一)", "培训计划签收", "training:plan_list"),
        ("三(二)1", "学员名单报送", "training:roster_list"),
        ("三(二)1", "逐人录入学员（含持护照等其他证件的）", "training:trainee_enter"),
        ("三(二)1", "学员退班、替换", "training:trainee_substitute"),
        ("三(二)1", "核验规则", "portal:checks"),
        ("四(二)", "核验规则", "portal:checks"),
        ("四(一)", "班级容量和学时核对", "training:plan_list"),
    ):
        screens.register(clause, label, url_name)
