"""The day of an exam, as those who are on duty go through it: the door, the record of the room, incidents."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from approvals.demonstration.papers import paper
from approvals.demonstration.people import InventedPerson
from exams.models import MaterialKind
from tests.browser.stages import Room
from tests.browser.walking import Walk, Walker


@dataclass(frozen=True)
class Incident:
    """What somebody was caught at, as it is reported, and what follows."""

    whose: InventedPerson
    act: str
    room: str
    at: str
    description: str
    statement: str
    effect: str
    impostor: tuple[str, str] | None = None
    barred: bool = False


def take_duty(walk: Walk, room: Room) -> Walker:
    """Both of a room accept their duty; the first stands at the door."""
    for username in reversed(room.staff):
        guard = walk.beside(username).go("我的考务").open_first().press("接受").reads("已接受")
    return guard


def let_in(guard: Walker, people: list[InventedPerson]) -> Walker:
    """Each comes to the door: the card is read, card and photograph are compared with the person.

    The first is let in on the pages as they are drawn. For the others the same browser sends the same form, and draws
    the room again once all are in: a hundred doors drawn are a minute, and look like the first."""
    room = guard.page.url
    first, *others = people
    guard.fill(证件号码=first.number).press("查找考生").reads(first.name, first.number)
    token = guard.main.locator("[name=csrfmiddlewaretoken]").first.input_value()
    guard.tick("已核对，证件、照片与本人一致").press("相符，签到").reads(f"{first.name}：已到")
    requests = guard.page.context.request
    for one in others:
        door = requests.get(f"{room}?number={one.number}", max_redirects=0).headers["location"]
        form = {"csrfmiddlewaretoken": token, "act": "sign_in", "number": one.number, "identity_compared": "on"}
        answer = requests.post(urljoin(room, door), form=form, max_redirects=0)
        assert answer.status == 302, f"{one.name}: {answer.status}"
    return guard.go("我的考务").open_first()


def close_door(guard: Walker, absent: list[InventedPerson]) -> Walker:
    """Whoever has not come is absent: named before it is done."""
    guard.follow("结束签到").reads(f"未签到的 {len(absent)} 人登记为缺考", *(one.name for one in absent))
    return guard.press("结束签到").reads(f"缺考 {len(absent)}")


def record_room(walk: Walk, room: Room, hours: tuple[str, str], disorder: str = "") -> None:
    """The first writes the record of the room and signs, then the second."""
    first, second = (walk.beside(username) for username in room.staff)
    first.go("我的考务").open_first().follow("填写考场记录").fill(实际开始=hours[0], 实际结束=hours[1])
    if disorder:
        first.tick("有违纪或者突发情况").fill(**{"考场秩序：情况": disorder})
    first.press("保存考场记录").press("确认无误，签名")
    second.go("我的考务").open_first().press("确认无误，签名").reads("已签名")


def report(guard: Walker, incident: Incident) -> str:
    """The room's invigilator reports what a candidate did, with a photograph; returns the number of the incident."""
    guard.go("我的考务").open_first().follow("报告异常情况")
    guard.choose(情形=incident.act, 考场=incident.room, 考生=f"{incident.whose.name}（")
    guard.fill(发生时间=incident.at, 经过=incident.description, 考生陈述申辩=incident.statement)
    if incident.impostor:
        guard.fill(替考人姓名=incident.impostor[0], 替考人证件号码=incident.impostor[1])
    guard.upload("证据", ("现场.jpg", "image/jpeg", paper(MaterialKind.IDENTITY_CARD, 7)[1]))
    guard.press("报告").reads("异常情况已报告", incident.whose.name)
    return guard.main.get_by_role("definition").first.inner_text()


def tour(inspector: Walker, site: str) -> None:
    """The province looks in: everything is as it should be."""
    inspector.go("巡考", "巡考场次").reads(site).follow("开始巡考").press("记录巡考").reads("巡考已记录")


def propose(officer: Walker, number: str, incident: Incident) -> None:
    """The organiser's officer says what should follow."""
    officer.go("异常情况", number, "提出处理意见").tick(incident.effect)
    if incident.barred:
        officer.tick("同时提请禁考")
    officer.fill(**{"事实、依据和处理意见": f"{incident.description}事实清楚，依据方案四（二）处理。"}).press("保存")
    officer.reads(incident.effect)


def decide(head: Walker, number: str) -> None:
    """The organiser's head agrees."""
    head.go("异常情况", number, "处理决定").tick("同意处理意见").fill(理由="事实清楚，证据确凿，同意。").press("保存")
    head.reads("证据确凿，同意")


def tell(officer: Walker, number: str, day: date) -> None:
    """The candidate is told, and may have it reviewed from that day on."""
    officer.go("异常情况", number, "登记告知本人").fill(告知日期=day.isoformat(), 告知方式和凭证="当面告知，本人签字")
    officer.press("保存").reads("申请复核截止")


def note_recording(officer: Walker, session: str) -> None:
    """Where the recording of a session lies."""
    officer.go("考试场次", session).follow("登记", exact=True)
    officer.fill(存放位置和保管人="市局档案室硬盘柜，考务科保管").press("登记").reads("市局档案室硬盘柜")
