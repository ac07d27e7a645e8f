"""Sample data for the kitchen pages: the attributes every macro's comment promises, nothing more."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace as S
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

NOW = datetime(2026, 3, 4, 6, 30, tzinfo=UTC)
# name -> (emoji code point, soft ground, height for a width of 600)
PICTURES = {
    "camera": ("1f4f7", "#dfe6e3", 800),
    "guitar": ("1f3b8", "#efe3d3", 780),
    "sofa": ("1f6cb", "#e4e0ea", 450),
    "bike": ("1f6b2", "#dde8ee", 520),
    "lamp": ("1f4a1", "#f2ead2", 700),
    "plant": ("1fab4", "#e3ecdd", 800),
    "shoe": ("1f45f", "#efe0dc", 600),
    "books": ("1f4da", "#e6e3d8", 640),
    "phone": ("1f4f1", "#dee3ec", 750),
    "teapot": ("1fad6", "#ece2d6", 600),
    "dress": ("1f457", "#f0e1e6", 800),
    "chair": ("1fa91", "#e8e4d9", 720),
    "game": ("1f3ae", "#dfe0ee", 480),
    "bear": ("1f9f8", "#efe4d6", 660),
    "box": ("1f4e6", "#eae3d7", 800),
    "watch": ("231a", "#e2e5e4", 600),
}
FACES = {
    "lin": ("1f98a", "#f3e3d5"),
    "mo": ("1f43c", "#e5e7e4"),
    "chen": ("1f431", "#f0e6d2"),
    "ye": ("1f430", "#ece2ea"),
}


def _drawn(code: str, ground: str, height: int, emoji: str) -> str:
    inner = emoji[emoji.index(">") + 1 : emoji.rindex("</svg>")]
    size, top = 330, (height - 330) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="{height}" viewBox="0 0 600 {height}">'
        f'<rect width="600" height="{height}" fill="{ground}"/>'
        f'<ellipse cx="300" cy="{top + size + 10}" rx="170" ry="18" fill="#00000018"/>'
        f'<svg x="135" y="{top}" width="{size}" height="{size}" viewBox="0 0 36 36">{inner}</svg></svg>'
    )


def draw_pictures(folder: Path, emoji: Path) -> None:
    """Emoji on soft grounds stand for photographs; made at look time, never committed."""
    folder.mkdir(parents=True, exist_ok=True)
    squares = {name: (code, ground, 600) for name, (code, ground) in FACES.items()}
    for name, (code, ground, height) in {**PICTURES, **squares}.items():
        source = (emoji / f"{code}.svg").read_text()
        (folder / f"{name}.svg").write_text(_drawn(code, ground, height, source))


def picture(name: str, alt: str) -> S:
    _, ground, height = PICTURES[name]
    tiny = f'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9" fill="{ground}"/></svg>'
    data = "data:image/svg+xml;base64," + b64encode(tiny.encode()).decode()
    return S(src=f"/pics/{name}.svg", webp="", avif="", alt=alt, width=600, height=height, tiny=data)


def cny(yuan: float) -> S:
    return S(amount=round(yuan * 100), currency="CNY")


def _members(t: Any) -> dict[str, S]:
    def one(key: str, zh: str, en: str, **more: Any) -> S:
        face = S(src=f"/pics/{key}.svg")
        facts = dict(verified=True, kind="individual", response=t("通常 6 分钟回", "usually answers in 6 min"))
        return S(name=t(zh, en), href=f"/m/{key}", face=face, place=t("徐汇", "Xuhui"), **{**facts, **more})

    return {
        "lin": one("lin", "林小满", "Lin Xiaoman"),
        "mo": one("mo", "老莫修相机", "Mo's cameras", kind="professional"),
        "chen": one("chen", "陈皮", "Chen Pi"),
        "ye": one("ye", "叶子 Yezi", "Yezi", verified=False),
    }


def _feed(t: Any, who: dict[str, S]) -> list[S]:
    def item(pic: str, zh: str, en: str, yuan: float, where: str, seller: str, **more: Any) -> S:
        title = t(zh, en)
        facts = dict(was=None, condition="", response="", sold=False, mark="", why="", hide_href="")
        return S(
            shape="item", href=f"/i/{pic}", title=title, picture=picture(pic, title), price=cny(yuan),
            where=where, seller=who[seller], **{**facts, **more},
        )  # fmt: skip

    def note(pic: str, zh: str, en: str, count: int, low: float, high: float, author: str, likes: int) -> S:
        title = t(zh, en)
        span = (cny(low), cny(high)) if count else (None, None)
        return S(
            shape="note", href=f"/n/{pic}", title=title, picture=picture(pic, title), count=count, low=span[0],
            high=span[1], author=who[author], likes=likes, place=t("上海 · 装修回血", "Shanghai · after moving"),
            why="", hide_href="",
        )  # fmt: skip

    good, fair = t("几乎没用过", "like new"), t("有使用痕迹", "used")
    near = t("徐汇 · 1.2 km", "Xuhui · 1.2 km")
    far = t("可邮寄 · 杭州", "ships · Hangzhou")
    why = t("你最近看过三台 CCD，这台离你 1.2 公里。", "You looked at three CCD cameras; this one is 1.2 km away.")
    return [
        item("camera", "佳能 IXUS 130 CCD 相机，成色很好，带原装电池和样片", "Canon IXUS 130 CCD, lovely shape, with samples",
             899, near, "mo", condition=good, response=t("6 分钟回", "6 min"), why=why, hide_href="/hide"),
        note("box", "月底离沪，一屋子东西找新主人，先到先得", "Leaving Shanghai: a whole flat looks for new homes", 25, 5, 300, "lin", 328),
        item("plant", "养了三年的琴叶榕，太高了搬不走", "Fiddle-leaf fig, three years old", 60, near, "chen", condition=t("自提", "pick up")),
        item("sofa", "宜家双人沙发，布套刚洗过", "Two-seat sofa, covers just washed", 350, t("静安 · 3.4 km", "Jing'an · 3.4 km"), "ye",
             condition=fair, was=cny(1999)),
        item("guitar", "雅马哈民谣吉他 FG800", "Yamaha FG800 folk guitar", 720, far, "lin", condition=good, mark=t("包邮", "free post")),
        item("teapot", "搬家送：粗陶茶壶一只，壶嘴有小磕", "Giving away: clay teapot, tiny chip", 0, near, "chen", condition=fair),
        note("books", "考研上岸，笔记和书都在这里了", "Passed the exam. All my books and notes", 12, 8, 45, "ye", 96),
        item("bike", "大行折叠车，通勤两年", "Dahon folding bike, two years of commuting", 1280.5, t("杨浦 · 8 km", "Yangpu · 8 km"), "lin", condition=fair, sold=True),
        item("dress", "只穿过一次的连衣裙 M 码", "Dress worn once, size M", 138, far, "ye", condition=good),
        item("phone", "iPhone 13 128G 国行 电池 88%", "iPhone 13 128G, battery 88%", 1850, near, "mo", condition=t("已验货", "inspected")),
        note("lamp", "出租屋改造：三百块换了一屋子光", "A rented room, relit for 300 yuan", 0, 0, 0, "lin", 1204),
        item("chair", "中古餐椅，一对", "A pair of mid-century chairs", 460, near, "chen", condition=fair),
        item("game", "手柄，摇杆不漂移", "Controller, no stick drift", 155, far, "ye", condition=good),
        item("bear", "毛绒熊，洗过晒过", "Teddy, washed and sunned", 25, near, "lin", condition=good),
        item("shoe", "跑鞋 42 码，跑了不到 50 公里", "Running shoes EU 42, under 50 km", 210, far, "mo", condition=good),
    ]  # fmt: skip


def _thing(t: Any, who: dict[str, S]) -> dict[str, Any]:
    names = [("camera", t("正面", "front")), ("watch", t("侧面", "side")), ("lamp", t("样片", "sample"))]
    trust = [
        ("badge-check", t("卖家是谁", "Who sells"), t("已实名", "verified"), t("2023 年 5 月通过实名，卖出 48 件，0 起纠纷判责。", "Verified in May 2023; 48 sold, no dispute lost."), True),
        ("shield-check", t("钱在哪里", "Where the money is"), t("持牌机构托管", "held"), t("付款后钱由持牌支付机构托管，你确认收货后才放给卖家。平台不碰钱。", "A licensed provider holds it until you confirm."), True),
        ("eye", t("验货", "Inspection"), t("可选，费用对半", "optional, split"), t("可以送到同城验货点，报告跟着订单走。", "Have it looked at nearby; the report stays with the order."), False),
    ]  # fmt: skip
    return {
        "gallery": [picture(name, alt) for name, alt in names],
        "range": S(low=cny(800), high=cny(950), low_at=250, high_at=700, here_at=560, count=34, days=30),
        "facts": [
            S(label=t("成色", "Condition"), value=t("几乎没用过", "like new")),
            S(label=t("快门次数", "Shutter count"), value="2,140"),
            S(label=t("瑕疵", "Flaws"), value=t("底部有一道浅划痕，见图 2", "a light scratch below, picture 2")),
            S(label=t("配件", "With it"), value=t("原装电池、充电器、8 GB 卡", "battery, charger, 8 GB card")),
        ],
        "trust": [S(icon=i, title=a, say=b, words=c, met=m) for i, a, b, c, m in trust],
        "handover": [
            S(value="meet", title=t("面交", "Meet"), note=t("当面验，满意再给面交码；钱一直托管着。", "See it first, then show the code."), disabled=False, chip=t("平台托管", "held"), chip_kind="jade"),
            S(value="ship", title=t("邮寄", "Ship"), note=t("签收后 48 小时内可以退。运费 ¥12。", "48 hours to return after it arrives. ¥12."), disabled=False, chip=t("平台托管", "held"), chip_kind="jade"),
            S(value="other", title=t("自己约", "On your own"), note=t("不走平台付款，出了问题平台帮不上。", "Outside the platform nobody can help."), disabled=False, chip=t("不受保护", "not protected"), chip_kind="amber"),
        ],
        "seller": who["mo"],
    }  # fmt: skip


def _note(t: Any, who: dict[str, S]) -> dict[str, Any]:
    def cell(pic: str, zh: str, en: str, yuan: float, **more: Any) -> S:
        facts = dict(sold=False, reserved=False, guest="", note=t("徐汇 · 自提", "Xuhui · pick up"))
        return S(
            href=f"/i/{pic}", title=t(zh, en), picture=picture(pic, t(zh, en)), price=cny(yuan), **{**facts, **more}
        )

    cells = [
        cell("lamp", "落地灯", "Floor lamp", 45), cell("chair", "餐椅一对", "Two chairs", 120, reserved=True),
        cell("sofa", "双人沙发", "Two-seat sofa", 300), cell("bike", "折叠车", "Folding bike", 260, sold=True),
        cell("bear", "毛绒熊", "Teddy bear", 5), cell("guitar", "练手吉他", "First guitar", 180, guest=t("叶子", "Yezi")),
    ]  # fmt: skip
    stall = S(href="/i/guitar", picture=picture("guitar", ""), title=t("练手吉他，弦刚换", "First guitar, new strings"), price=cny(180), condition=t("有使用痕迹", "used"), note=t("静安 · 可自提可邮寄", "Jing'an · pick up or ship"), sold=False)  # fmt: skip

    def comment(key: str, member: str, words: str, minutes: int, **more: Any) -> S:
        facts = dict(
            is_host=False, place="", likes=3, liked=False, like_href="#", reply_href="#", stall=None, replies=[]
        )
        return S(id=key, who=who[member], at=NOW - timedelta(minutes=minutes), words=words, **{**facts, **more})

    answer = comment(
        "c2", "lin", t("在的，今晚七点后都方便，楼下就能看。", "Yes, any time after seven tonight."), 8, is_host=True
    )
    thread = [
        comment("c1", "chen", t("餐椅还在吗？我住隔壁小区，可以现在来搬。", "Are the chairs still there? I live next door."), 14, place=t("徐汇", "Xuhui"), replies=[answer]),
        comment("c3", "ye", t("楼主好，借个位置摆一件：也要搬家了，吉他带不走。", "May I put one thing here? I am moving too."), 52, stall=stall, likes=11),
    ]  # fmt: skip
    filters = [(t("全部", "All"), True, 25), (t("没卖掉", "Unsold"), False, 18), (t("¥50 以下", "Under ¥50"), False, 11), (t("家具", "Furniture"), False, 6), (t("可邮寄", "Ships"), False, 9)]  # fmt: skip
    return {
        "board": S(count=25, unsold=18, cells=cells, filters=[S(text=a, href="#", on=b, count=c) for a, b, c in filters]),
        "thread": thread,
        "gallery": [picture("box", t("一屋子箱子", "boxes")), picture("sofa", t("沙发", "sofa")), picture("lamp", t("灯", "lamp"))],
        "words": t("住了四年的小屋，月底交房。下面每一件都擦干净了，价格随心，能来搬的优先。\n周三、周五晚上和整个周末都在家，来之前说一声，请你喝茶。", "Four years in this little flat; the keys go back at the end of the month. Everything below is clean, and whoever can carry comes first.\nHome on Wednesday and Friday evenings and all weekend. Say a word before you come and there will be tea."),
    }  # fmt: skip


def _order(t: Any, who: dict[str, S]) -> dict[str, Any]:
    end = NOW + timedelta(hours=27, minutes=30)
    head = dict(main="", others=[], unpaid=False)
    waiting = S(kind="amber", word=t("等卖家发货", "Waiting for the seller"), say=t("等老莫发货，最晚周四 18:00。", "Mo ships by Thursday 18:00."), otherwise=t("到时未发，自动退款给你，一分不少。", "If not, you get every cent back by itself."), **head)  # fmt: skip
    unpaid = S(kind="amber", word=t("等买家付款", "Waiting for payment"), say=t("林小满还没付款，最晚今天 15:00。", "Lin pays by 15:00 today."), otherwise=t("到时没付，订单自动关掉，宝贝回到架上。", "If not, the order closes and the item goes back."), **{**head, "unpaid": True})  # fmt: skip
    done = S(kind="jade", word=t("钱已托管", "Money held"), say=t("林小满付好了，请在周四 18:00 前发货。", "Lin has paid. Ship by Thursday 18:00."), otherwise=t("钱在支付机构那里，对方确认收货后放给你。", "It is released to you once Lin confirms."), **head)  # fmt: skip
    line = [
        S(what=t("下单", "Ordered"), at=NOW - timedelta(hours=2), note="", state="done"),
        S(what=t("付款，已托管", "Paid and held"), at=NOW - timedelta(hours=2), note=t("由持牌支付机构托管", "with a licensed provider"), state="done"),
        S(what=t("等卖家发货", "Waiting for the seller"), at=end, note=t("最晚时间", "at the latest"), state="now"),
        S(what=t("你确认收货", "You confirm"), at=None, note=t("签收后 48 小时自动确认", "by itself 48 h after arrival"), state="next"),
        S(what=t("放款给卖家", "Released"), at=None, note="", state="next"),
    ]  # fmt: skip
    sums = [
        S(label=t("宝贝", "Item"), note="", amount=cny(899), kind=""),
        S(label=t("运费", "Postage"), note="", amount=cny(12), kind=""),
        S(label=t("已付，托管中", "Paid, held"), note=t("持牌支付机构", "licensed provider"), amount=cny(911), kind="held"),
        S(label=t("服务费", "Fee"), note=t("成交后由卖家付", "paid by the seller at the end"), amount=cny(5.39), kind=""),
        S(label=t("卖家到手", "Seller receives"), note="", amount=cny(905.61), kind="total"),
    ]  # fmt: skip
    frozen = S(picture=picture("camera", ""), title=t("佳能 IXUS 130 CCD 相机，带原装电池和样片", "Canon IXUS 130 CCD with samples"), price=cny(899), quantity=1, condition=t("几乎没用过，底部有一道浅划痕", "like new, a light scratch"), handover=t("邮寄，48 小时可退", "ship, 48 h to return"), rules=t("社区规则第 7 版", "rules, version 7"), at=NOW - timedelta(hours=2), href="#")  # fmt: skip
    row = S(href="#", picture=picture("guitar", ""), title=t("雅马哈民谣吉他", "Yamaha guitar"), price=cny(720), word=t("等你确认", "Waiting for you"), kind="amber", say=t("周六 10:20 自动确认", "confirms by itself on Saturday"), who=who["lin"])  # fmt: skip
    return {
        "waiting": waiting,
        "unpaid": unpaid,
        "held": done,
        "line": line,
        "sums": sums,
        "frozen": frozen,
        "row": row,
    }


def _talk(t: Any, who: dict[str, S]) -> dict[str, Any]:
    offer = S(title=t("林小满出价", "Lin offers"), amount=cny(820), was=cny(899), state=t("等你回", "your turn"), kind="amber", say=t("明天 12:00 前有效", "until tomorrow noon"), actions=[Markup('<button class="btn btn-ink">{}</button>').format(t("接受", "Accept")), Markup('<button class="btn btn-plain">{}</button>').format(t("还价", "Counter"))])  # fmt: skip
    entries = [
        S(shape="words", mine=False, who=who["lin"], words=t("你好，相机还在吗？周末可以面交吗", "Hello, is the camera still there?")),
        S(shape="words", mine=True, who=who["mo"], words=t("在的。周六下午徐家汇地铁站可以。", "It is. Saturday afternoon works.")),
        S(shape="offer", mine=False, who=who["lin"], offer=offer),
        S(shape="event", mine=False, who=who["lin"], words=t("林小满关注了这件宝贝", "Lin saved this item"), at=NOW),
        S(shape="warning", mine=False, who=who["lin"], words=t("对方提到加微信付定金。", "They ask to pay outside."), note=t("离开这里付钱就没人托管了。可以在这里收定金。", "Outside, nobody holds the money. Take a deposit here."), action=""),
    ]  # fmt: skip
    side = S(who=who["lin"], role=t("买家", "Buyer"), asks=t("想退货退款 ¥911", "Return, refund ¥911"), words=t("收到后发现镜头有霉，图里没有写。", "Fungus in the lens, not in the pictures."), pictures=[picture("camera", "1"), picture("watch", "2")])  # fmt: skip
    other = S(who=who["mo"], role=t("卖家", "Seller"), asks=t("愿意退 ¥200", "Offers ¥200 back"), words=t("发货前拍了视频，当时是干净的。", "Filmed before posting; it was clean."), pictures=[picture("box", "1")])  # fmt: skip
    tile = S(href="#", picture=picture("camera", ""), title=t("佳能 IXUS 130 CCD 相机", "Canon IXUS 130 CCD"), price=cny(899), note=t("还有 1 件", "1 left"))  # fmt: skip
    return {"entries": entries, "left": side, "right": other, "tile": tile}


def _desk(t: Any) -> dict[str, Any]:
    top = [S(text=t("审核", "Review"), href="#", on=True, count=14), S(text=t("纠纷", "Disputes"), href="#", on=False, count=3), S(text=t("资金", "Money"), href="#", on=False, count=None)]  # fmt: skip
    names = [t("描述像仿品：某某同款手袋", "Looks like a copy: handbag"), t("图片与他人笔记相同", "Picture matches another note"), t("聊天里要定金", "Asks for a deposit in chat")]  # fmt: skip
    queue = [S(href="#", title=n, note=f"itm_01J{i}", due="-4 min" if not i else f"{i * 12} min", late=not i, on=i == 1) for i, n in enumerate(names * 3)]  # fmt: skip
    heads = [
        S(text=t("时间", "Time"), num=False),
        S(text=t("事件", "Event"), num=False),
        S(text=t("金额", "Amount"), num=True),
    ]
    lines = [[S(text=f"03-04 14:{i:02d}", href="", num=False), S(text="payment.held", href="#", num=False), S(text=f"{911 + i}.00", href="#", num=True)] for i in range(6)]  # fmt: skip
    return {"top": top, "queue": queue, "heads": heads, "lines": lines}


def _qr() -> Markup:
    cells = "".join(f"M{x} {y}h1v1h-1z" for y in range(25) for x in range(25) if (x * 7 + y * 13 + x * y) % 3 == 0)
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25" width="240" height="240" aria-hidden="true"><path d="{cells}"/></svg>'
    )


def make(lang: str) -> dict[str, Any]:
    """The whole context of the kitchen pages in one language."""

    def t(zh: str, en: str) -> str:
        return zh if lang == "zh-CN" else en

    who = _members(t)
    lin = who["lin"]
    figures = [S(label=t("卖出", "sold"), value="48", href=""), S(label=t("在卖", "selling"), value="12", href=""), S(label=t("关注者", "followers"), value="1,306", href="")]  # fmt: skip
    header = S(**vars(lin), bio=t("东西不多，每件都好好用过。", "Few things, each well used."), figures=figures, id="mbr_sample", handle="lin", following=False, blocked=False, is_self=False, ties="#", talk_href="#", edit_href="#")  # fmt: skip
    circle = S(name=t("CCD 相机圈", "CCD cameras"), words=t("聊旧相机，换旧相机。发样片再出手。", "Old cameras, talked about and traded."), cover=picture("camera", ""), members=8214, items=326, place=t("上海", "Shanghai"), joined=False, join_href="#", rules_href="#")  # fmt: skip
    checks = [S(text=t("已实名", "Real name verified"), met=True, note="", href="", action=""), S(text=t("账号满 7 天", "Account older than 7 days"), met=True, note="", href="", action=""), S(text=t("绑定收款账户", "Payout account"), met=False, note=t("大约两分钟", "about two minutes"), href="#", action=t("去绑定", "Set it up"))]  # fmt: skip
    return {
        "lang": lang, "theme": "", "csrf_token": "sample", "csrf_header": "x-csrftoken", "path": "/", "viewer": lin,
        "counts": S(messages=3, notices=1), "query": "", "notice": None, "site_name": t("闲集", "Xianji"), "t": t,
        "back": "/", "title": t("发布宝贝", "Sell something"), "aside": "", "who": who, "cards": _feed(t, who),
        "thing": _thing(t, who), "note": _note(t, who), "order": _order(t, who), "talk": _talk(t, who), "desk": _desk(t),
        "header": header, "circle": circle, "checks": checks, "cny": cny, "now": NOW, "S": S,
        "meet": S(code="482913", qr=_qr(), say=t("验好了再给卖家看", "Show it once you are happy"), left=42, whole=60, refresh_href=""),
        "share": S(address="https://xianji.example/i/itm_01J9Z", title="", qr="data:image/svg+xml," + quote(_qr()), card_href="#", chat_href="#"),
        "kept": [S(id=f"med_{i}", src=f"/pics/{n}.svg", alt=n) for i, n in enumerate(("camera", "watch", "lamp"))],
    }  # fmt: skip
