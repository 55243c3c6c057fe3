"""When the jobs of this app run."""

SCHEDULE = [
    {
        "name": "许可决定书生成",
        "task": "approvals.write_letters",
        "crontab": "*/10 * * * *",
        "description": "为尚无决定书的许可决定、尚无告知书的期限告知生成文书；漏跑的由下一次补上。",
        "counts": {"written": "生成决定书", "notices": "生成期限告知书"},
    },
    {
        "name": "档案补充归档",
        "task": "approvals.append_to_dossiers",
        "crontab": "30 2 * * *",
        "description": "把封存以后发生的事项（领取实体证书、撤销、注销、禁考等）以补充归档附在已封存的档案后面。",
        "counts": {"appended": "补充归档"},
    },
]
