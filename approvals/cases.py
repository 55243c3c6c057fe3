"""How the activities of this app take hold of cases: locked, within what the actor may see, all or none."""

from collections.abc import Iterable

from certification.workflow import lock


def take(queryset, actor, ids: Iterable[int]) -> list:
    """The rows of ``queryset`` with ``ids``, locked and freshly read.

    Raises the model's DoesNotExist where one of them is not there for ``actor``: another's record is as good
    as none (rules 5), and half a selection is not silently acted upon.
    """
    wanted = {int(pk) for pk in ids}
    rows = lock(queryset.visible_to(actor).filter(pk__in=wanted))
    if len(rows) != len(wanted):
        raise queryset.model.DoesNotExist(f"{queryset.model._meta.verbose_name}不存在")
    return rows


def take_one(queryset, actor, pk: int):
    """The one row with ``pk``, locked and freshly read; raises DoesNotExist as ``take`` does."""
    return take(queryset, actor, [pk])[0]
