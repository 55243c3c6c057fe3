"""Trainees: the full view of an identity number, which is logged (rules 5)."""

from certification.organisations import access
from certification.records import accesses
from certification.workflow import activity
from training.cases import NotFound
from training.models import Trainee

REVEAL = "training.reveal_numbers"


@activity
def reveal_number(*, actor, now, trainee_id: int) -> str:
    """The trainee's whole document number; who saw it, and when, goes to the transition log.

    Raises NotPermitted, NotFound.
    """
    access.require(actor, REVEAL)
    trainee = Trainee.objects.visible_to(actor).filter(pk=trainee_id).select_related("person").first()
    if trainee is None:
        raise NotFound("没有找到该学员。")
    accesses.reveal(trainee, actor=actor, now=now)
    return trainee.person.document_number
