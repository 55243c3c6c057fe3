"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "办理记录封存",
        "task": "records.seal_log",
        "crontab": "* * * * *",
        "description": "每分钟封存新的办理记录：每条记录与同一事项的上一条相链接，之后的改动可以用 verify_log 查出。",
        "counts": {"sealed": "封存"},
    },
    {
        "name": "文件病毒扫描",
        "task": "records.scan_files",
        "crontab": "*/5 * * * *",
        "description": "扫描服务恢复后，扫描期间先行接收、尚在隔离的文件；未扫描的文件任何人都不能打开。",
        "counts": {"clean": "未发现病毒", "infected": "含有病毒", "waiting": "仍待扫描"},
    },
]
