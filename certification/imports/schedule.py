"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "导入处理",
        "task": "imports.work",
        "crontab": "*/2 * * * *",
        "description": "核对和保存上传的表格，制作核对结果。上传后立即开始；执行进程中断的，由下一次接着办理，"
        "不会丢失或重复。",
        "counts": {"checked": "核对", "saved": "保存", "returned": "制作核对结果"},
    },
    {
        "name": "未保存的上传到期放弃",
        "task": "imports.give_up_undecided",
        "crontab": "40 3 * * *",
        "description": "核对后一直没有保存的上传，到期（IMPORT_UNDECIDED_DAYS）放弃，清除核对结果；原文件按档案保留，"
        "页面写明可以下载后重新上传。",
        "counts": {"given_up": "放弃", "cleared": "清除核对结果"},
    },
]
