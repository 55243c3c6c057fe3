"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

COUNTS = {
    "SENT": "已发送",
    "FAILED": "失败",
    "PENDING": "稍后重试",
    "SUPPRESSED": "未发送",
    "interrupted": "中断后放弃",
}
SCHEDULE = [
    {
        "name": "通知发送",
        "task": "notices.deliver",
        "crontab": "* * * * *",
        "description": "按个人通知设置发送电子邮件和即时消息；失败的稍后重试，漏跑的由下一次补上。",
        "counts": COUNTS,
        "outside": True,
    },
    {
        "name": "通知汇总",
        "task": "notices.digest",
        "crontab": "*/5 * * * *",
        "description": "向选择每日汇总的人员发送汇总；漏跑的由下一次补上。",
        "counts": COUNTS,
        "outside": True,
    },
]
