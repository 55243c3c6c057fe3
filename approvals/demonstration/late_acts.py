"""逾期特批 in the demonstration: plans that missed their day, asked for, and decided one way or another."""

from approvals.demonstration import training_acts
from approvals.demonstration.cases import Case
from certification.deadlines.late_admissions import admissions
from certification.deadlines.models import LateAdmission

TWIST = "late"
STEPS = ("ask_late", "decide_late", "file_late")


def ask(case: Case, now) -> None:
    admissions.ask(
        actor=case.cast.filer,
        now=now,
        model_label="training.TrainingPlan",
        rule_code="plan_filing",
        wanted=[(case.plan_id, case.class_start)],
        reason="教师临时更换，培训计划未能按时报备。",
    )


def decide(case: Case, now) -> None:
    """Granted, unless the twists say that it was refused or taken back."""
    (admission,) = LateAdmission.objects.filter(subject_id=case.plan_id, rule_code="plan_filing")
    head, common = case.cast.province("fuze"), {"now": now, "admission_ids": [admission.pk]}
    if "late_withdrawn" in case.story.twists:
        admissions.withdraw(actor=case.cast.filer, now=now, admission_id=admission.pk)
    elif "late_refused" in case.story.twists:
        admissions.refuse(actor=head, reason="开班日期可以顺延，请改期后报备。", **common)
    else:
        admissions.grant(actor=head, reason="更换教师有证明，学员已经到岗，同意逾期报备。", **common)


def file(case: Case, now) -> None:
    training_acts.file(case, now)
