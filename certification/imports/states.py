"""States of an import, and what leads where: in ``receiving`` by people, in ``working`` by the background."""

from django.db import models


class ImportState(models.TextChoices):
    ASKING = "ASKING", "待确认列"
    WAITING = "WAITING", "正在核对"
    CHECKED = "CHECKED", "已核对"
    SAVING = "SAVING", "正在保存"
    SAVED = "SAVED", "已保存"
    REFUSED = "REFUSED", "不能读取"
    DISCARDED = "DISCARDED", "已放弃"


# In which the background has something to do.
AT_WORK = (ImportState.WAITING, ImportState.SAVING)
# In which it waits for its sender.
UNDECIDED = (ImportState.ASKING, ImportState.CHECKED)
# In which people may still change what is imported.
OPEN = (ImportState.ASKING, ImportState.WAITING, ImportState.CHECKED)


class Standing(models.TextChoices):
    """How one row stands against what is stored."""

    WRONG = "WRONG", "有误"
    NEW = "NEW", "新增"
    CHANGED = "CHANGED", "变更"
    SAME = "SAME", "不变"
