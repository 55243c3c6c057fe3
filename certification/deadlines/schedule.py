"""When the jobs of this app run. ``jobs.scheduling.load_schedule`` reads every app's module of this name."""

SCHEDULE = [
    {
        "name": "时限巡检",
        "task": "deadlines.sweep",
        "crontab": "*/10 * * * *",
        "description": "先发到期的提醒，再标记逾期事项并执行逾期后果；漏跑的由下一次补上。",
        "counts": {"reminded": "提醒", "recounted": "重新计算", "breached": "标记逾期", "failed": "后果未能执行"},
    },
    {
        "name": "时限提醒",
        "task": "deadlines.remind",
        "crontab": "5-59/10 * * * *",
        "description": "到期前、到期当日和逾期提醒，逾期报上一级；每一事项、时点、收件人只提醒一次，漏跑的下次补上。",
        "counts": {
            "deadlines": "涉及时限",
            "sent": "提醒",
            "suppressed": "不需提醒",
            "notices": "通知",
            "collided": "由另一次执行办理",
        },
    },
    {
        "name": "放假通知提醒",
        "task": "deadlines.warn_of_missing_notice",
        "crontab": "10 8-18 * * *",
        "description": "自12月1日起，下一年放假通知尚未载入的，每日提醒系统管理员一次；漏跑的由下一小时补上。",
        "counts": {"warned": "提醒管理员"},
    },
]
