"""Who trains (rules 4.1): the staff and the listed teachers of the plan's institution and the teachers of its class,
as persons. Who has inspected a class, and who has declared that they keep away from it (4.4)."""

from collections import defaultdict

from certification.organisations.conflicts import excluded
from certification.organisations.models import User
from training.models import PlanTeacher, SpotCheck, Teacher, TrainingPlan


def trains(plan_ids: list[int]) -> dict[int, set[int]]:
    """Plan id → persons who have an account of its institution, teach there or teach in its class. Four queries."""
    persons: dict[int, set[int]] = defaultdict(set)
    institutions = dict(TrainingPlan.objects.filter(pk__in=plan_ids).values_list("pk", "institution_id"))
    staff: dict[int, set[int]] = defaultdict(set)
    accounts = User.objects.filter(organisation__in=set(institutions.values()), person__isnull=False)
    for organisation_id, person_id in accounts.values_list("organisation_id", "person_id"):
        staff[organisation_id].add(person_id)
    listed = Teacher.objects.filter(institution__in=set(institutions.values()), left_at__isnull=True)
    for institution_id, person_id in listed.values_list("institution_id", "person_id"):
        staff[institution_id].add(person_id)
    for plan_id, institution_id in institutions.items():
        persons[plan_id] |= staff[institution_id]
    teachers = PlanTeacher.objects.filter(plan__in=plan_ids)
    for plan_id, person_id in teachers.values_list("plan_id", "person_id"):
        persons[plan_id].add(person_id)
    return persons


def conflicted(plan_ids: list[int]) -> dict[int, set[int]]:
    """Plan id → who declared a conflict with its institution or with a teacher of its class (rules 4.4)."""
    institutions = {
        pk: {institution_id}
        for pk, institution_id in TrainingPlan.objects.filter(pk__in=plan_ids).values_list("pk", "institution_id")
    }
    teachers: dict[int, set[int]] = defaultdict(set)
    for plan_id, person_id in PlanTeacher.objects.filter(plan__in=plan_ids).values_list("plan_id", "person_id"):
        teachers[plan_id].add(person_id)
    return excluded(teachers, institutions=institutions)


def inspects(plan_ids: list[int]) -> dict[int, set[int]]:
    """Plan id → persons who have made a spot check of its class, for whom they did, and who judged the remedy."""
    persons: dict[int, set[int]] = defaultdict(set)
    rows = SpotCheck.objects.filter(plan__in=plan_ids)
    acted = ("inspector__person", "on_behalf_of__person", "answers__judged_by__person")
    for plan_id, *several in rows.values_list("plan_id", *acted):
        persons[plan_id] |= set(several) - {None}
    return persons
