"""When the jobs of this app run."""

SCHEDULE = [
    {
        "name": "后台办理",
        "task": "jobs.work",
        "crontab": "*/2 * * * *",
        "description": "办理档案封存、批量文书等耗时事项。提交后立即开始；执行进程中断的，由下一次接着办理，不会重复。",
        "counts": {"done": "办结", "refused": "未办成"},
    },
]
