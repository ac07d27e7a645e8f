"""What is plausible: price bands, how much wear costs, default handover and emoji friends of a category."""

from xianji.demo.model import Condition, Handover

CONDITION_ZH: dict[Condition, str] = {
    "new": "全新",
    "like_new": "几乎全新",
    "light_wear": "轻微使用痕迹",
    "used": "明显使用痕迹",
    "heavy_wear": "有瑕疵",
}
CONDITION_SHORT: dict[str, Condition] = {
    "n": "new",
    "ln": "like_new",
    "lw": "light_wear",
    "u": "used",
    "hw": "heavy_wear",
}
# The dearest a thing may be against what its owner paid, in percent; declared collectibles are exempt.
WORTH_PERCENT: dict[Condition, int] = {
    "new": 100,
    "like_new": 92,
    "light_wear": 85,
    "used": 72,
    "heavy_wear": 55,
}
# Lowest and highest believable price in yuan for something that is sold, not given.
PRICE_BANDS: dict[str, tuple[int, int]] = {
    "digital": (5, 8000),
    "phones": (100, 8000),
    "cameras": (10, 10000),
    "fashion": (8, 3000),
    "luxury": (150, 10000),
    "books": (2, 600),
    "furniture": (10, 3500),
    "appliances": (10, 4000),
    "beauty": (8, 800),
    "maternity": (5, 2500),
    "sports": (5, 9800),
    "fandom": (2, 2500),
    "tickets": (10, 1500),
    "pets": (5, 1500),
    "plants": (2, 600),
    "music": (8, 9500),
    "games": (5, 3500),
    "crafts": (3, 1500),
    "other": (2, 1500),
}
HANDOVER: dict[str, tuple[Handover, ...]] = {
    "furniture": ("meet",),
    "appliances": ("meet",),
    "plants": ("meet",),
    "tickets": ("digital",),
}
ANY_HANDOVER: tuple[Handover, ...] = ("ship", "meet")
# Small friends that make a single thing a little scene.
COMPANIONS: dict[str, tuple[str, ...]] = {
    "digital": ("☕", "🖥️", "🎧", "🔋", "💡", "⌨️"),
    "phones": ("🎧", "🔋", "☕", "🌤️", "✨"),
    "cameras": ("🎞️", "🌿", "☕", "🗺️", "✨", "🌤️"),
    "fashion": ("🌷", "👜", "🧺", "🪞", "🎀", "🌿"),
    "luxury": ("🌹", "🪞", "✨", "🎀", "🕯️"),
    "books": ("☕", "🔖", "👓", "🌿", "🕯️", "🍂"),
    "furniture": ("🪴", "🧺", "💡", "🐈", "☕", "🖼️"),
    "appliances": ("🍞", "🪴", "🥐", "🍋", "🧺"),
    "beauty": ("🌸", "🪞", "🎀", "🫧", "🌷"),
    "maternity": ("🧸", "🌈", "🐥", "⭐", "🎈"),
    "sports": ("💧", "🌤️", "🧢", "⛰️", "🍌"),
    "fandom": ("✨", "🎀", "💖", "⭐", "🍬"),
    "tickets": ("✨", "🎈", "⭐", "🍿"),
    "pets": ("🐾", "🐟", "🧶", "🐈", "🌿"),
    "plants": ("🦋", "🐞", "💧", "🌤️", "🧤"),
    "music": ("🎶", "☕", "🎧", "✨", "🌙"),
    "games": ("🍿", "🎲", "🥤", "✨", "🍪"),
    "crafts": ("🧵", "✂️", "🌼", "🎀", "☕"),
    "other": ("📦", "🌿", "✨", "🧺", "🍊"),
}
# Said by everybody, so these alone may occur more than once.
QUICK_REPLIES = frozenset(
    {
        "蹲一个",
        "同问",
        "想要",
        "已私信",
        "谢谢",
        "好的",
        "排队",
        "还在吗",
        "顶一下",
        "收到啦",
        "Thanks!",
        "Still here?",
        "DM sent",
    }
)
ATTRIBUTES: dict[str, str] = {
    "品牌": "brand",
    "型号": "model",
    "年份": "year",
    "尺码": "size",
    "颜色": "colour",
    "材质": "material",
    "尺寸": "dimensions",
    "到期": "expires",
    "容量": "capacity",
    "作者": "author",
    "出版": "publisher",
    "作品": "series",
    "角色": "character",
    "类型": "type",
    "快门": "shutter_count",
    "电池": "battery_health",
    "存储": "storage",
    "月龄": "age_range",
    "面值": "face_value",
    "日期": "date",
    "语言": "language",
    "人数": "players",
    "轴体": "switches",
    "凭证": "proof",
    "收藏": "collectible",
    "车架": "frame_size",
    "车架号": "frame_number",
}
