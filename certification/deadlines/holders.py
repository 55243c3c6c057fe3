"""Which tier holds a case in which state. Each app says so beside its transition tables; no model is read here."""

from collections.abc import Mapping

from django.db import models


class Tier(models.TextChoices):
    """Who must act next. ORGANISER is the city or the province, as the case has it; NOBODY has to act any more."""

    INSTITUTION = "INSTITUTION", "培训机构"
    CITY = "CITY", "设区市应急管理部门"
    PROVINCE = "PROVINCE", "省厅考试中心"
    ORGANISER = "ORGANISER", "考试组织单位"
    NOBODY = "NOBODY", "已办结"


_HOLDERS: dict[str, Mapping[str, Tier]] = {}


def register(model_label: str, by_state: Mapping[str, Tier]) -> None:
    """Say who holds a case of ``model_label`` ("app.Model") in each of its states."""
    _HOLDERS[model_label] = {str(state): holder for state, holder in by_state.items()}


def tier_in(model_label: str, state: str) -> Tier:
    """Who holds a case in ``state``; NOBODY where nothing was registered."""
    return _HOLDERS.get(model_label, {}).get(str(state), Tier.NOBODY)


def resolved(tier: Tier, *, by_province: bool) -> Tier:
    """``tier`` with ORGANISER made what it is in the case: the province, or a city."""
    if tier != Tier.ORGANISER:
        return tier
    return Tier.PROVINCE if by_province else Tier.CITY


def states_of(model_label: str) -> Mapping[str, Tier]:
    """Every registered state of a kind of case and who holds it."""
    return _HOLDERS.get(model_label, {})
