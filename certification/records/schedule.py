"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "办理记录封存",
        "task": "records.seal_log",
        "crontab": "* * * * *",
        "description": "每分钟封存新的办理记录：每条记录与同一事项的上一条相链接，之后的改动可以用 verify_log 查出。",
        "counts": {"sealed": "封存"},
    },
]
