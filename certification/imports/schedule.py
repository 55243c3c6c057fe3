"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "导入处理",
        "task": "imports.work",
        "crontab": "*/2 * * * *",
        "description": "核对和保存上传的表格。上传后立即开始；执行进程中断的，由下一次接着办理，不会丢失或重复。",
        "counts": {"checked": "核对", "saved": "保存"},
    },
]
