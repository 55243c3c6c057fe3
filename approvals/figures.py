"""The numbers of approvals on the home page of those who oversee; each opens the rows behind it."""

from collections.abc import Iterator
from datetime import datetime

from approvals.lists import counts as list_counts
from approvals.lists import queue
from approvals.models import CardRequest, Decision, Dossier, Stage
from approvals.states import CardState, DossierState
from certification.organisations.models import User
from certification.portal.todo import Todo, figure, overseen


def _reviews(user: User, now: datetime) -> Iterator[Todo]:
    steps = queue.steps_of(user)
    counts = list_counts.of_steps(user, steps)
    for step in steps:
        # The one review of Category 1 has no name of its own beside the tiers of Category 2.
        what = "省级审核的第一类申报" if step.stage == Stage.DIRECT else f"{step.stage.label}的申报"
        yield figure(f"等待{what}", "approvals:reviews", counts[step.stage.value], stage=step.stage)


def _decisions(user: User, now: datetime) -> Iterator[Todo]:
    count = Decision.objects.visible_to(user).filter(served_at__isnull=True).count()
    yield figure("等待送达的许可决定", "approvals:decisions", count, served="no")


def _cards(user: User, now: datetime) -> Iterator[Todo]:
    count = CardRequest.objects.visible_to(user).filter(state=CardState.REQUESTED).count()
    yield figure("等待制作的实体证书", "approvals:cards", count, state=CardState.REQUESTED)


def _dossiers(user: User, now: datetime) -> Iterator[Todo]:
    count = Dossier.objects.visible_to(user).filter(state=DossierState.OPEN).count()
    yield figure("未封存的档案", "approvals:dossiers", count, state=DossierState.OPEN)


lines = overseen(
    {
        "approvals.view_reviews": (_reviews,),
        "approvals.view_decisions": (_decisions,),
        "approvals.view_cards": (_cards,),
        "approvals.view_dossiers": (_dossiers,),
    }
)
