"""Trade on a site without a payment provider, in sentences: nothing is held, and that is said plainly."""

# (colour, word, sentence, what happens otherwise) by state and role; for `order_words`.
SAYINGS: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("awaiting_shipment", "buyer"): (
        "amber",
        "等卖家交出",
        "等 %(name)s 交出宝贝，最晚 %(ship_by)s。怎么付钱你们自己商量，没有托管。",
        "%(until)s 还没交出，订单取消。",
    ),
    ("awaiting_shipment", "seller"): (
        "amber",
        "等你交出",
        "和 %(name)s 商量好怎么付钱，请在 %(ship_by)s 前交出宝贝。没有托管。",
        "%(until)s 还没交出，订单取消，宝贝回到架上。",
    ),
    ("awaiting_meeting", "buyer"): (
        "amber",
        "约着见面",
        "和 %(name)s 约个地方，看好东西、付好钱，再出示面交码。",
        "%(until)s 还没见成，订单取消。",
    ),
    ("awaiting_meeting", "seller"): (
        "amber",
        "约着见面",
        "和 %(name)s 约个地方，收好钱，再输入对方手机上的面交码。",
        "%(until)s 还没见成，订单取消，宝贝回到架上。",
    ),
    ("shipped", "buyer"): (
        "amber",
        "等你确认",
        "收到后看一看、试一试，没问题就确认收货，最晚 %(until)s。",
        "到时没有异议，自动确认。",
    ),
    ("delivered", "buyer"): (
        "amber",
        "等你确认",
        "收到后看一看、试一试，没问题就确认收货，最晚 %(until)s。",
        "到时没有异议，自动确认。",
    ),
    ("shipped", "seller"): ("jade", "在路上", "等 %(name)s 收货确认，最晚 %(until)s。", "到时没有异议，自动确认。"),
    ("delivered", "seller"): ("jade", "已送到", "等 %(name)s 看过确认，最晚 %(until)s。", "到时没有异议，自动确认。"),
    ("completed", "buyer"): ("jade", "交易完成", "宝贝到手了。愿它陪你久一点。", ""),
    ("completed", "seller"): ("jade", "交易完成", "宝贝到了 %(name)s 手里。", ""),
    ("refunded", "buyer"): ("slate", "已取消", "这笔没有成交。本站没有经手钱，付过的请和对方结清。", ""),
    ("refunded", "seller"): ("slate", "已取消", "这笔没有成交。本站没有经手钱，收过的请和对方结清。", ""),
}

HAPPENED = {
    "pay": "不经本站付款",
    "pay_to_meet": "不经本站付款",
    "refund_timeout": "超时没有交出，已取消",
    "redeem": "面交码核对成功",
    "meet_timeout": "超时没有见面，已取消",
    "cancel_paid": "取消订单",
    "confirm": "确认收货",
    "auto_confirm": "到期自动确认",
}

WAYS = {
    "meet": "当面看货，满意了付钱，再出示面交码。",
    "ship": "%(ship)s 小时内发货，收到后有 %(look)s 小时慢慢看。钱怎么付你们商量。",
    "digital": "内容在这里交付。钱怎么付你们商量。",
}
CHIP = "没有托管"
PAY_YOURSELVES = "你们自己付，本站不经手"
