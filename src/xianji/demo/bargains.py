"""What is going on between the people whom the start introduces. Things are named by their titles."""

from typing import Literal

from msgspec import Struct

from xianji.demo.model import Handover

Until = Literal["unpaid", "paid", "handed", "done"]


class Deal(Struct, frozen=True):
    """Somebody buys one thing, and how far that has come. `refund`: a kind the buyer has asked for since."""

    seller: str
    title: str
    buyer: str
    way: Handover
    until: Until
    refund: Literal["", "return", "unshipped"] = ""


class Talk(Struct, frozen=True):
    """An offer in yuan, and what the seller said: "" is still thinking, a number is another price."""

    seller: str
    title: str
    buyer: str
    yuan: int
    words: str
    answer: Literal["", "yes", "no"] | int = ""


DEALS = (
    Deal("linxi_packs", "双层小推车书架", "mumu_studio", "meet", "paid"),
    Deal("linxi_packs", "机械键盘 茶轴", "chaguan_lao", "ship", "paid"),
    Deal("linxi_packs", "蓝牙音箱 小圆筒", "emma_bj", "ship", "handed"),
    Deal("linxi_packs", "千兆路由器", "chaguan_lao", "ship", "handed", "return"),
    Deal("linxi_packs", "桌面小风扇", "mumu_studio", "meet", "unpaid"),
    Deal("linxi_packs", "煮蛋器", "emma_bj", "meet", "done"),
    Deal("chaguan_lao", "三花盖碗五只", "linxi_packs", "ship", "paid"),
    Deal("chaguan_lao", "鹤鸣同款竹椅一对", "mumu_studio", "ship", "handed"),
    Deal("emma_bj", "Shelf of paperbacks, twelve", "mumu_studio", "ship", "handed"),
    Deal("emma_bj", "Learn to read menus, card set", "chaguan_lao", "ship", "paid"),
    Deal("mumu_studio", "洞洞板整套", "emma_bj", "meet", "paid", "unshipped"),
    Deal("mumu_studio", "羊毛圆地毯", "linxi_packs", "meet", "done"),
)
TALKS = (
    Talk("linxi_packs", "手冲壶加滤杯", "emma_bj", 55, "Could you do 55? I can come by tonight."),
    Talk("linxi_packs", "云朵落地灯", "mumu_studio", 55, "跟灯罩的颜色很搭我那套，55 行吗", 62),
    Talk("linxi_packs", "半人高龟背竹", "chaguan_lao", 50, "茶馆正缺一盆大的", "yes"),
    Talk("chaguan_lao", "蜀绣熊猫小屏风", "linxi_packs", 130, "想带回南方送给我妈"),
    Talk("mumu_studio", "中古铁艺吊灯", "linxi_packs", 110, "新家层高两米七，110 带走", "no"),
    Talk("emma_bj", "Slow cooker, four litres", "mumu_studio", 65, "65 可以吗，明天下班来取"),
)
CARTS = (
    ("mumu_studio", "linxi_packs", "宜坐工具箱"),
    ("mumu_studio", "linxi_packs", "瑜伽垫和两只哑铃"),
    ("mumu_studio", "chaguan_lao", "蜀绣熊猫小屏风"),
    ("emma_bj", "linxi_packs", "一盆倔强的绿萝"),
    ("emma_bj", "linxi_packs", "手持挂烫机"),
    ("linxi_packs", "mumu_studio", "亚麻窗帘两片"),
)
BUNDLE = ("linxi_packs", 3, 10)  # whose newest note: so many things together, percent off
MEETING = "双井地铁站 B 口"
FAULT = "到手发现一个网口接触不良，灯一闪一闪的"
