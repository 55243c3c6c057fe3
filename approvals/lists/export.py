"""The review lists as a file: the rows of all pages together, in their order, numbers masked as on the page."""

from collections.abc import Iterator
from itertools import islice

from approvals.lists import queue
from approvals.reviews.stages import Step

COLUMNS = [
    "申报编号",
    "姓名",
    "证件号码",
    "操作项目",
    "申请类型",
    "培训机构",
    "考试组织单位",
    "状态",
    "审核截止日期",
    "开考日期",
    "办理人",
    "拟定意见",
    "退回后再报",
]
_BATCH = 1_000


def exported(rows, step: Step) -> Iterator[list]:
    """The cells of every row of the narrowed list ``rows``."""
    stream = queue.for_lines(rows, step).order_by(*queue.order_of(step)).iterator(chunk_size=_BATCH)
    while batch := list(islice(stream, _BATCH)):
        yield from (_cells(queue.line_of(row)) for row in batch)


def _cells(line: queue.Line) -> list:
    row = line.application
    return [
        row.number,
        row.person.name,
        row.person.masked_number,
        row.job_type.name,
        row.get_kind_display(),
        row.institution.short_name,
        row.organiser.short_name,
        row.get_state_display(),
        line.deadline.due_on if line.deadline else None,
        line.exam_on,
        line.assignee,
        line.prepared,
        "是" if row.resubmitted_at else "",
    ]
