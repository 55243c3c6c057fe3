"""The roles of rules 4a: what each is called, where it works, how far it sees, and which may not meet in one person."""

from enum import Enum

from django.db import models


class Role(models.TextChoices):
    INSTITUTION_FILER = "INSTITUTION_FILER", "培训机构经办人"
    CITY_REVIEWER = "CITY_REVIEWER", "市级审核员"
    CITY_EXAM_OFFICER = "CITY_EXAM_OFFICER", "市级考务员"
    CITY_RESULTS_CLERK = "CITY_RESULTS_CLERK", "市级成绩录入员"
    CITY_RESULTS_CHECKER = "CITY_RESULTS_CHECKER", "市级成绩复核员"
    CITY_SUPERVISOR = "CITY_SUPERVISOR", "市级培训监管员"
    CITY_HEAD = "CITY_HEAD", "市级负责人"
    WINDOW_CLERK = "WINDOW_CLERK", "窗口人员"
    INVIGILATOR = "INVIGILATOR", "监考员"
    EXAMINER = "EXAMINER", "考评员"
    SITE_STAFF = "SITE_STAFF", "考试点工作人员"
    PROVINCIAL_REVIEWER = "PROVINCIAL_REVIEWER", "省级审核员"
    PROVINCIAL_EXAM_OFFICER = "PROVINCIAL_EXAM_OFFICER", "省级考务员"
    PROVINCIAL_RESULTS_CLERK = "PROVINCIAL_RESULTS_CLERK", "省级成绩录入员"
    PROVINCIAL_RESULTS_CHECKER = "PROVINCIAL_RESULTS_CHECKER", "省级成绩复核员"
    PROVINCIAL_INSPECTOR = "PROVINCIAL_INSPECTOR", "省级巡考员"
    PROVINCIAL_ACCEPTANCE_CLERK = "PROVINCIAL_ACCEPTANCE_CLERK", "省级受理员"
    PROVINCIAL_DECISION_MAKER = "PROVINCIAL_DECISION_MAKER", "省级审批人"
    PROVINCIAL_HEAD = "PROVINCIAL_HEAD", "省级负责人"
    AUDITOR = "AUDITOR", "审计员"
    ADMINISTRATOR = "ADMINISTRATOR", "系统管理员"


class Reach(Enum):
    """How far a role sees (rules 5)."""

    PROVINCE = "province"
    CITY = "city"
    INSTITUTION = "institution"
    WINDOW = "window"
    SESSION = "session"
    NOTHING = "nothing"


REACH: dict[Role, Reach] = {
    Role.INSTITUTION_FILER: Reach.INSTITUTION,
    **dict.fromkeys(
        (
            Role.CITY_REVIEWER,
            Role.CITY_EXAM_OFFICER,
            Role.CITY_RESULTS_CLERK,
            Role.CITY_RESULTS_CHECKER,
            Role.CITY_SUPERVISOR,
            Role.CITY_HEAD,
        ),
        Reach.CITY,
    ),
    Role.WINDOW_CLERK: Reach.WINDOW,
    **dict.fromkeys((Role.INVIGILATOR, Role.EXAMINER, Role.SITE_STAFF), Reach.SESSION),
    **dict.fromkeys(
        (
            Role.PROVINCIAL_REVIEWER,
            Role.PROVINCIAL_EXAM_OFFICER,
            Role.PROVINCIAL_RESULTS_CLERK,
            Role.PROVINCIAL_RESULTS_CHECKER,
            Role.PROVINCIAL_INSPECTOR,
            Role.PROVINCIAL_ACCEPTANCE_CLERK,
            Role.PROVINCIAL_DECISION_MAKER,
            Role.PROVINCIAL_HEAD,
            Role.AUDITOR,
        ),
        Reach.PROVINCE,
    ),
    Role.ADMINISTRATOR: Reach.NOTHING,
}

# Which kinds of organisation may have accounts with a role; values of OrganisationKind.
WORKS_AT: dict[Reach, frozenset[str]] = {
    Reach.INSTITUTION: frozenset({"TRAINING_INSTITUTION"}),
    Reach.CITY: frozenset({"CITY_BUREAU"}),
    Reach.WINDOW: frozenset({"WINDOW"}),
    Reach.SESSION: frozenset({"CITY_BUREAU", "PROVINCIAL_CENTRE", "EXAM_SITE_OPERATOR"}),
    Reach.PROVINCE: frozenset({"PROVINCIAL_CENTRE"}),
    Reach.NOTHING: frozenset({"PROVINCIAL_CENTRE"}),
}

TRAINING_ROLES = frozenset({Role.INSTITUTION_FILER})
REVIEW_ROLES = frozenset({Role.CITY_REVIEWER, Role.PROVINCIAL_REVIEWER})
EXAM_ROLES = frozenset(
    {
        Role.CITY_EXAM_OFFICER,
        Role.CITY_RESULTS_CLERK,
        Role.CITY_RESULTS_CHECKER,
        Role.PROVINCIAL_EXAM_OFFICER,
        Role.PROVINCIAL_RESULTS_CLERK,
        Role.PROVINCIAL_RESULTS_CHECKER,
        Role.PROVINCIAL_INSPECTOR,
        Role.INVIGILATOR,
        Role.EXAMINER,
        Role.SITE_STAFF,
    }
)
DECISION_ROLES = frozenset(
    {Role.PROVINCIAL_ACCEPTANCE_CLERK, Role.PROVINCIAL_DECISION_MAKER, Role.PROVINCIAL_HEAD, Role.CITY_HEAD}
)
