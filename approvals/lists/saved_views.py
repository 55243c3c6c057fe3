"""Saved views (常用筛选): a filter kept by name, opened again, renamed, made the default, given up."""

from django.db import IntegrityError, transaction

from approvals.models import Place, SavedView
from certification.refusals import Incomplete, Problem, Refusal
from certification.workflow import activity

# More names than fit above a list help nobody to find one.
AT_MOST = 12


@activity
def keep(*, actor, now, place: str, name: str, query: str) -> SavedView:
    """Keep ``query`` of a list under ``name``; the same name takes the new query. Raises Incomplete, Refusal."""
    name = _named(name)
    own = _own(actor).filter(place=Place(place))
    if not own.filter(name=name).exists() and own.count() >= AT_MOST:
        raise Refusal(f"最多保存 {AT_MOST} 个常用筛选。", code="too_many", advice="请先删除不再使用的。")
    view, _created = SavedView.objects.update_or_create(
        user=actor, place=Place(place), name=name, defaults={"query": query[:500], "saved_at": now}
    )
    return view


@activity
def rename(*, actor, now, view_id: int, name: str) -> SavedView:
    """Call it otherwise. Raises Incomplete, Refusal where the name is taken, DoesNotExist where it is not theirs."""
    view = _own(actor).select_for_update().get(pk=view_id)
    view.name = _named(name)
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        raise Refusal(f"已有名为“{view.name}”的常用筛选。", code="name_taken", advice="请换一个名称。") from None
    return view


@activity
def make_default(*, actor, now, view_id: int, default: bool = True) -> SavedView:
    """Let its list open with it, instead of with another; or no longer. Raises DoesNotExist."""
    # All of them, in one order: of two clicks at once the later one holds.
    own = {view.pk: view for view in _own(actor).select_for_update().order_by("pk")}
    if view_id not in own:
        raise SavedView.DoesNotExist
    view = own[view_id]
    _own(actor).filter(place=view.place, is_default=True).update(is_default=False)
    view.is_default = default
    if default:
        view.save(update_fields=["is_default"])
    return view


@activity
def delete(*, actor, now, view_id: int) -> None:
    """Give it up: a setting of one's own. Raises DoesNotExist."""
    _own(actor).get(pk=view_id).delete()


def of(user, place: Place) -> list[SavedView]:
    """What ``user`` kept of a list. One query."""
    return list(_own(user).filter(place=place))


def _own(user):
    return SavedView.objects.filter(user=user)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Incomplete([Problem("请填写名称。", code="required", field="name")])
    if len(name) > 20:
        raise Incomplete([Problem("名称不超过20个字。", code="too_long", field="name")])
    return name
