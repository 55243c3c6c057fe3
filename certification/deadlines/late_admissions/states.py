"""States and transition table of late admissions (逾期特批)."""

from django.db import models

from certification.workflow import Machine, Transition


class AdmissionState(models.TextChoices):
    REQUESTED = "REQUESTED", "待决定"
    GRANTED = "GRANTED", "准予特批"
    REFUSED = "REFUSED", "不予特批"
    WITHDRAWN = "WITHDRAWN", "已撤回"


LATE_ADMISSION = Machine(
    "deadlines.LateAdmission",
    AdmissionState,
    [
        Transition("grant", "准予特批", (AdmissionState.REQUESTED,), AdmissionState.GRANTED),
        Transition("refuse", "不予特批", (AdmissionState.REQUESTED,), AdmissionState.REFUSED),
        Transition("withdraw", "撤回申请", (AdmissionState.REQUESTED,), AdmissionState.WITHDRAWN),
    ],
)
