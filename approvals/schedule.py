"""When the jobs of this app run."""

SCHEDULE = [
    {
        "name": "许可决定书生成",
        "task": "approvals.write_letters",
        "crontab": "*/10 * * * *",
        "description": "为尚无决定书的许可决定生成决定书；漏跑的由下一次补上。",
        "counts": {"written": "生成决定书"},
    },
]
