"""Which model a thing is, told from what its seller says. Pure; where in doubt it says nothing.

A case for a phone is not the phone, "wanted" is not a sale, two models in one title are neither: a wrong guess would
move a price that people trust.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from xianji.kernel.hanzi import simplified

from .catalogue import Model, close, names, plain


class Product(NamedTuple):
    """A model, and the variant that decides its price besides: "256G", "kit", or empty."""

    model: Model
    variant: str


# Things that belong to a device. Each is harmless when it comes along ("送壳") or when it only tells its state.
_PARTS = (
    "保护套|手机套|皮套|硅胶套|壳|膜|充电器|充电头|充电线|数据线|充电宝|充电仓|充电盒|电池|支架|挂绳|背带|肩带|手柄|底座|扩展坞|卡带|"
    "游戏卡|光盘|碟片?|游戏|主板|排线|总成|后盖|中框|屏幕|内屏|外屏|显示屏|包装盒|盒子?|耳帽|耳塞套|表带|笔尖|键盘|手写笔|pencil|"
    "遮光罩|滤镜|镜头盖|uv镜|转接环|兔笼|存储卡|内存卡|sd卡|读卡器|收纳包|相机包|防尘袋|内胆|鞋带|鞋盒|鞋垫|滤网|刷头|吸头|配件|"
    "零件|贴纸|卡套|说明书|发票|左耳|右耳|单耳|卡针|适配器|腕带|手环|joy-?con"
)
_COMES_ALONG = re.compile(
    r"(?:赠送?|送|附[带赠]?|带|含|包括|包含|配(?!件)|加|另|有(?!线)|无(?!线)|没有?|缺|连|还|一直|全程|给|已贴|贴了|贴着|戴|双|全套?|及|和|与|[+&])"
    rf"[^\s,，。;；、!！|]{{0,8}}?(?:{_PARTS})"
)
_TELLS_STATE = re.compile(
    r"换[过了]?(?:原装)?电池|电池(?:健康|效率|寿命|容量|循环|\d|百分|很|还|耐|正常|未|没|不|好|满)|屏幕(?:完|无|没|有|很|干净|好|轻|细|几|未|不|也|正常|微)|"
    r"(?:配件|盒子?|发票|包装盒)(?:齐|全|都|完整|没|还|在)|游戏(?:机|本|手机)|箱说全|盒装"
)
_PART = re.compile(_PARTS)
# Parts that are a thing of their own for one kind and belong to another.
_OF_KIND = {
    "phone": re.compile(r"耳机|手表"),
    "tablet": re.compile(r"耳机"),
    "camera": re.compile(r"^(?!.*(?:[带含送配加+]|套机).*镜头).*镜头(?!\d|完|无|干净|成像)"),
    "shoes": re.compile(r"[男女童]装|外套|上衣|短袖|长袖|裤|袜|帽"),
    "bag": re.compile(r"包[链带扣]|五金[件配]|[钱卡]包|钥匙|丝巾|腰带|皮带|内袋|撑包"),
    "cosmetic": re.compile(r"小样|中样|空瓶|空盒|分装|体验装|替换装|礼袋|剩|用[过了]|余量|\d成"),
    "console": re.compile(r"交换机|路由|中文|汉化|存档|金手指|会员|账号|下载|兑换|游戏(?!机|本)"),
}
# A console is named by everything that is sold for it, so the machine itself must be spoken of.
_MACHINE = re.compile(
    r"主机|游戏机|机器|光驱|数字版|续航|手柄|oled|lite|slim|pro|全套|\d+\s*[gt]b?(?![a-z])|破解|console|单机|^.{0,16}$"
)
_WANTED = re.compile(
    r"求购|收购|回收|求一|求个|想[买收要]|高价收|[诚急长]收|蹲一?个|^\W*(?:求|收(?![纳藏音据]))|"
    r"\bwtb\b|\bwanted\b|looking for"
)
_NOT_ITSELF = re.compile(
    r"维修|换屏|刷机|解锁(?!正常|都|快)|代[购拍]|出租|租赁|租机|[日月短]租|[定订]金|差价|补差|邮费|专拍|高?仿|复刻|适用|适配|通用|兼容|"
    r"专用|同款|平替|过鉴定|莆田|原单|顶级版|海报|抱枕|"
    r"\bfor\b|\bcase\b|\bcover\b|\bcharger\b|\bstrap\b|\bbox only\b|\bparts\b|\brental\b"
)
# What a toy may be called, and what only looks like a device.
_TOY = re.compile(r"模型|积木|乐高|\blego\b|挂件|手办|盲盒")
_TOYS = ("fandom", "bricks")
_BROKEN = re.compile(
    r"尸体|不开机|开不了机|爆屏|碎屏|屏碎|屏幕碎|屏裂|进水|报废|配件机|故障|黑屏|花屏|拆机|卡贴|(?<![没不无])坏|"
    r"(?<![没无])(?:有锁|id锁)|板子|\bbroken\b|\bcracked\b|\bfaulty\b"
)
_MANY = re.compile(r"打包|批发|整箱|一批|多台|若干|(?<!\d)[2-9二两三四五六七八九十][台部个只双](?!月|机|卡)")
# A title that shops cut off may have named another model.
_CUT_OFF = re.compile(r"\s*[a-z\d]*\s*\.{2,}\s*$")
# A name that goes on is the name of another model.
_GOES_ON = re.compile(
    r"[\s\-_·/]*(?:(?:pro|max|plus|mini|ultra|air|se|fe|lite|note|fold|flip|edge|s|x|r|t|gt|neo|slim|oled|turbo|ii|iii|iv|v|"
    r"mark|gm|rs|promax)(?![a-z])|[二三四五2-9]代|青春|至尊|尊享|透明|探索|活力|极速|竞速|极客|保时捷|典藏|显微|灵动)"
)
_UNIT = re.compile(r"[寸英吋代元块件个年月日天新成斤只双条张套箱片折米倍万千百%分号]|cm|mm|kg")
_STORED = re.compile(r"(?:64|128|256|512)(?!\d)|\d{1,2}[+g]|[12]t")
_SIZES = re.compile(
    r"(?<![\d.])(16|32|64|128|256|512|1024)\s*(?:gb?|内存)?(?![a-z\d寸年%])|(?<![\d.])([12])\s*tb?(?![a-z\d])"
)
_WITH_LENS = re.compile(r"套机|双镜|\bkit\b|[带含送配+].{0,8}(?:镜头|\d\s*mm)|\d{2}-\d{2,3}")


def model_of(title: str, category: str | None, attributes: Mapping[str, Any]) -> Product | None:
    """The product that these words name, or None. `attributes` are stored ones (brand, model, storage count).

    A category that is not one of the model's says that it is something else.
    """
    text = plain(simplified(title))
    if any(pattern.search(text) for pattern in (_WANTED, _NOT_ITSELF, _BROKEN, _MANY)) or _is_part(text):
        return None
    said = _named(text, category)
    filled = _named(plain(f"{attributes.get('brand', '')} {attributes.get('model', '')}"), category)
    if len(said | filled) != 1:
        return None
    (model,) = said | filled
    if _is_other(model.kind, text):
        return None
    return Product(model, _variant(model, text, attributes))


def _is_other(kind: str, text: str) -> bool:
    """Whether something is offered that bears the name of a model of this kind and is not one."""
    other = _OF_KIND.get(kind)
    return (
        (other is not None and other.search(text) is not None)
        or (kind == "console" and not _MACHINE.search(text))
        or (kind not in _TOYS and _TOY.search(text) is not None)
    )


def _is_part(text: str) -> bool:
    """Whether a part is what is offered, not what comes along."""
    return _PART.search(_COMES_ALONG.sub(" ", _TELLS_STATE.sub(" ", text))) is not None


def _named(text: str, category: str | None) -> set[Model]:
    """The models that the text names; the longest way of writing wins where several lie over each other."""
    closed, places = close(text)
    known = names()
    found: list[tuple[int, int, frozenset[Model]]] = []
    for start in range(len(closed)):
        for end in range(min(len(closed), start + known.longest), start, -1):
            models = _of_category(closed[start:end], category)
            if models and _stands_alone(text, places[start], places[end - 1] + 1):
                found.append((start, end, models))
                break
    widest = [
        models
        for start, end, models in found
        if not any(first <= start and end <= last and (first, last) != (start, end) for first, last, _ in found)
    ]
    return {model for models in widest for model in models}


def _of_category(name: str, category: str | None) -> frozenset[Model]:
    known = names()
    said, near = known.enough.get(name, frozenset()), known.inside.get(name, frozenset())
    if category is None:
        return said
    return frozenset(model for model in said | near if category in model.categories)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the name is not a piece of a longer word, number or name, nor a count of something."""
    before, last, rest = text[max(0, start - 1) : start], text[end - 1], text[end:]
    if _is_latin(before) and _is_latin(text[start]):
        return False
    if rest[:1] == "+" or _GOES_ON.match(rest) or _CUT_OFF.match(rest):
        return False
    if last.isdigit():
        return not (_is_latin(rest[:1]) or re.match(r"\.\d", rest) or _UNIT.match(rest))
    if not _is_latin(last):
        return True
    return not _is_latin(rest[:1]) or _STORED.match(rest) is not None


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _variant(model: Model, text: str, attributes: Mapping[str, Any]) -> str:
    if "kit" in model.axes:
        return "kit" if _WITH_LENS.search(text) else ""
    if "storage" not in model.axes:
        return ""
    stored = attributes.get("storage")
    if isinstance(stored, dict):
        return f"{stored['value']}{stored['unit'].removesuffix('B')}"
    sizes = {f"{size}G" if size else f"{big}T" for size, big in _SIZES.findall(text)}
    large = {size for size in sizes if size not in ("16G", "32G")} or sizes
    return large.pop().replace("1024G", "1T") if len(large) == 1 else ""
