"""The consequence: slow enough to be killed in the middle, with everything that real ones write."""

import time
from datetime import datetime

from certification import workflow
from certification.deadlines.models import Deadline
from certification.notices.sending import notify
from certification.organisations.models import User
from tests.faults.cases.models import Case, Mark

SECONDS = 0.002


def note_breach(deadline: Deadline, now: datetime) -> None:
    case = Case.objects.select_for_update().get(pk=deadline.subject_id)
    Mark.objects.create(case=case)
    time.sleep(SECONDS)
    case.breaches += 1
    case.save()
    workflow.log([case], "faults_breach", actor=User.objects.system(), now=now)
    notify(User.objects.filter(username="faults"), title=f"案件 {case.pk} 逾期", now=now)
