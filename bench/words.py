"""Word lists of our own for titles, bodies and comments of the bench's community."""

from random import Random

from xianji.domains.prices import all_models

THINGS: dict[str, tuple[str, ...]] = {
    "digital": ("降噪耳机", "机械键盘", "平板电脑", "旧手机", "墨水屏阅读器", "显示器", "路由器", "充电宝"),
    "cameras": ("胶片相机", "定焦镜头", "三脚架", "拍立得", "相机包", "测光表"),
    "appliances": ("空气炸锅", "电饭煲", "小冰箱", "加湿器", "手冲壶", "烤箱", "扫地机"),
    "fashion": ("羊毛大衣", "帆布包", "牛仔外套", "马丁靴", "针织衫", "连衣裙", "棒球帽"),
    "books": ("考研资料", "绘本一套", "推理小说", "建筑图集", "旧杂志", "字帖", "菜谱"),
    "furniture": ("实木书桌", "落地灯", "折叠椅", "书架", "双人沙发", "穿衣镜", "边几"),
    "beauty": ("香水小样", "卷发棒", "面霜", "化妆刷套装"),
    "maternity": ("婴儿推车", "安全座椅", "积木", "儿童餐椅", "辅食机"),
    "sports": ("公路车", "羽毛球拍", "露营帐篷", "滑雪板", "瑜伽垫", "攀岩鞋"),
    "fandom": ("吧唧", "立牌", "挂画", "色纸", "专辑", "手办"),
    "other": ("绿植", "拼图", "黑胶唱片", "手账本", "茶具", "口琴"),
}
STATES = ("九成新", "几乎没用过", "用了半年", "带原盒", "搬家带不走", "闲着落灰", "配件齐全", "有一点划痕", "功能都好")
ENDINGS = ("可面交", "同城优先", "价格好商量", "爽快的来", "可以看实物", "包邮", "不退不换先问清", "周末都在家")
PLACES = (
    "五角场",
    "徐家汇",
    "望京",
    "回龙观",
    "天河北",
    "南山科技园",
    "玉林",
    "西湖边",
    "光谷",
    "小寨",
    "新街口",
    "观音桥",
)
POINTS = (
    (31.30, 121.51),
    (31.19, 121.43),
    (39.99, 116.47),
    (40.07, 116.34),
    (23.14, 113.33),
    (22.54, 113.95),
    (30.63, 104.05),
    (30.25, 120.14),
    (30.51, 114.40),
    (34.22, 108.94),
    (32.04, 118.78),
    (29.58, 106.53),
)
NAMES = (
    "阿柚",
    "木木",
    "小满",
    "豆沙",
    "北岛",
    "南风",
    "半夏",
    "青禾",
    "拾光",
    "一灯",
    "米粒",
    "老周",
    "可颂",
    "芋圆",
    "山楂",
)
NOTE_TITLES = (
    "搬家清一批{}，都在评论区上面",
    "{}用不上了，转给需要的人",
    "周末摆摊：{}和别的小东西",
    "我的{}使用一年感受",
    "求一个靠谱的{}",
    "断舍离第三天，轮到{}",
    "{}怎么挑，说说我踩过的坑",
)
SENTENCES = (
    "东西都是自己用的，图片实拍，没有修过颜色。",
    "当时冲动买的，用了几次就一直放在柜子里。",
    "有小瑕疵的地方都拍了近照，介意的话先看清楚再拍。",
    "平时住得近可以约地铁口面交，看好了再确认。",
    "周末集中发货，工作日晚上会回消息。",
    "一起要两件以上可以便宜一点，直接出价就行。",
    "猫在家，衣服都洗过晾过，但还是可能有一两根毛。",
    "盒子和说明书都还在，发票找到的话一并给。",
)
COMMENTS = (
    "还在吗？想要",
    "可以面交吗，我在附近",
    "能再便宜一点点吗",
    "尺寸多大呀",
    "已经收到了，很喜欢，谢谢姐妹",
    "有没有使用痕迹的近照",
    "蹲一个，明天发工资",
    "刚拍了，麻烦周末发",
    "这个我也有，确实好用",
    "什么时候买的？",
)
COLOURS = ("黑色", "白色", "银色", "深蓝", "米色", "粉色", "军绿", "")
_SIZES = ("64G", "128G", "256G", "")
_CATEGORIES = tuple(THINGS)
_MODELS = tuple(all_models().values())


def thing(random: Random) -> tuple[str, str]:
    """A thing as its category and its name: every third is a model of a brand."""
    if random.random() < 0.35:
        model = random.choice(_MODELS)
        size = random.choice(_SIZES) if "storage" in model.axes else ""
        return model.category, f"{model.name} {size}".rstrip()
    category = random.choice(_CATEGORIES)
    return category, f"{random.choice(COLOURS)}{random.choice(THINGS[category])}"


def item_title(random: Random, what: str) -> str:
    """A title such as people write: the thing, its state, perhaps how it may be had."""
    ending = f" {random.choice(ENDINGS)}" if random.random() < 0.5 else ""
    return f"{what} {random.choice(STATES)}{ending}"


def note_title(random: Random, about: str) -> str:
    """A title around one thing."""
    return random.choice(NOTE_TITLES).format(about)


def sentences(random: Random, least: int, most: int) -> str:
    """Several sentences in one paragraph."""
    return "".join(random.choices(SENTENCES, k=random.randint(least, most)))
