"""When the jobs of this app run (see certification/deadlines/scheduling.py)."""

SCHEDULE = [
    {
        "name": "通知发送",
        "task": "notices.deliver",
        "crontab": "* * * * *",
        "description": "按个人通知设置发送电子邮件和即时消息；失败的稍后重试，漏跑的由下一次补上。",
    },
    {
        "name": "通知汇总",
        "task": "notices.digest",
        "crontab": "*/5 * * * *",
        "description": "向选择每日汇总的人员发送汇总；漏跑的由下一次补上。",
    },
]
