"""When the jobs of this app run. ``jobs.scheduling.load_schedule`` reads every app's module of this name."""

SCHEDULE = [
    {
        "name": "时限巡检",
        "task": "deadlines.sweep",
        "crontab": "*/10 * * * *",
        "description": "标记逾期事项并执行逾期后果；漏跑的由下一次补上。",
    },
]
