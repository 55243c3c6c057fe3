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
        "name": "办理记录全部校验",
        "task": "records.verify_log",
        "crontab": "0 4 * * 0",
        "description": "每周日核对全部办理记录的链接和封存，改动、缺失、插入逐处计数；审计员在“办理记录检索”看到结果。",
        "counts": {"faults": "不符"},
    },
    {
        "name": "文件病毒扫描",
        "task": "records.scan_files",
        "crontab": "*/5 * * * *",
        "description": "扫描服务恢复后，扫描期间先行接收、尚在隔离的文件；未扫描的文件任何人都不能打开。",
        "counts": {"clean": "未发现病毒", "infected": "含有病毒", "waiting": "仍待扫描"},
    },
    {
        "name": "清理生成的文件",
        "task": "records.discard_made_files",
        "crontab": "40 3 * * *",
        "description": "删除应申请人要求汇总生成、已超过两天的打印文件（如全部准考证）；原始资料不受影响。",
        "counts": {"discarded": "删除"},
    },
]
