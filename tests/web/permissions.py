"""The table of permissions: what each kind of person gets from each route, and what they send.

One line a route: seven letters for anonymous, stranger, sanctioned, moderator, admin, buyer, seller; the method; the
path. The buyer and the seller share an order; the seller owns items, notes and wanted posts, the buyer wrote the
comment and owns the address, the session and the passkey; the moderator founded the circle.

o  done or shown            s  sign in first (a form is kept meanwhile)
n  not found                f  known, and may not
r  refused for another reason: the person may ask, the world or the body says no
b  answered, and nothing has changed: sent back, or there was nothing to do
"""

from typing import Any

# Streams never end, and who signs out is nobody afterwards: these have tests of their own.
NOT_ASKED = {
    ("GET", "/api/v1/events"),
    ("DELETE", "/api/v1/auth/sessions/current"),
    ("POST", "/sign-out"),
}

# Tables that count what was tried, which is the point of a refusal there.
COUNTED: dict[tuple[str, str], set[str]] = {
    ("POST", "/api/v1/auth/sessions"): {"phone_codes"},
    ("POST", "/api/v1/me/verification"): {"verifications"},
    ("POST", "/api/v1/orders/{order}/redeem"): {"handover_codes"},
    ("POST", "/me/verification"): {"verifications"},
    ("POST", "/orders/{order}/redeem"): {"handover_codes"},
    ("POST", "/sign-in"): {"phone_codes"},
}

MONEY = {"amount": 9_900, "currency": "CNY"}
PROFILE = {"version": 1, "bio": "你好"}
PHONE = {"phone": "13712345678"}
WHERE = {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路 1 号"}
ADDRESS = {"name": "小周", "phone": "13912345678", "lines": WHERE}
PLACE = {"name": "地铁站", "district": "徐汇", "address": "站厅服务台", "lat": 31.19, "lon": 121.44}
ADDRESS_FIELDS = {"name": "小周", "phone": "13912345678"} | {f"lines.{name}": line for name, line in WHERE.items()}
RESTRICT = {"member": "{stranger}", "kind": "sell", "rule": "R1", "reason": "试试", "evidence": "聊天截图", "days": "3"}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/auth/codes"): {"phone": "123"},
    ("POST", "/api/v1/auth/sessions"): {**PHONE, "code": "000000"},
    ("POST", "/api/v1/circles"): {"slug": "camera-town-{fresh}", "kind": "interest", "name": "相机小镇"},
    ("PATCH", "/api/v1/circles/{circle}"): {"version": 1, "name": "换个名字"},
    ("POST", "/api/v1/circles/{circle}/rules"): {"name": "guest_stalls", "value": "allow", "reason": "试试"},
    ("PUT", "/api/v1/circles/{circle}/meeting-places"): {"reason": "试试", "places": []},
    ("POST", "/api/v1/circles/{circle}/meeting-places"): PLACE,
    ("POST", "/circles/{circle}/meeting-places"): {name: str(value) for name, value in PLACE.items()},
    ("POST", "/api/v1/circles/{circle}/meeting-places/remove"): {"name": "没有这个"},
    ("POST", "/circles/{circle}/meeting-places/remove"): {"name": "没有这个"},
    ("PUT", "/api/v1/circles/{circle}/rules"): {"reason": "试试", "who_posts": "hosts"},
    ("POST", "/api/v1/circles/{circle}/hosts"): {"handle": "nobody"},
    ("POST", "/circles/new"): {"slug": "camera-town-{fresh}", "kind": "interest", "name": "相机小镇"},
    ("POST", "/circles/{circle}/edit"): {"version": "1", "name": "换个名字"},
    ("POST", "/circles/{circle}/hosts"): {"handle": "nobody"},
    ("POST", "/circles/{circle}/rules"): {"reason": "试试", "who_posts": "hosts"},
    ("POST", "/api/v1/feed/seen"): {"subjects": []},
    ("POST", "/api/v1/me/feed"): {"personal": False, "history": False},
    ("POST", "/me/feed"): {"personal": "1"},
    ("POST", "/api/v1/me/less"): {"subject": "c:cameras"},
    ("POST", "/me/less"): {"subject": "c:cameras"},
    ("POST", "/api/v1/me/less/take-back"): {"subject": "c:furniture"},
    ("POST", "/me/less/take-back"): {"subject": "c:furniture"},
    ("POST", "/seen"): {"ids": "{note}"},
    ("POST", "/api/v1/items"): {"title": "台灯", "price": MONEY},
    ("POST", "/api/v1/items/batch"): {"items": [{"title": "台灯", "price": MONEY}]},
    ("PATCH", "/api/v1/items/{item}"): {"version": 1, "title": "小相机二代"},
    ("POST", "/api/v1/items/{item}/requests"): {"reason": "想要"},
    ("POST", "/api/v1/items/{item}/requests/pick"): {"member": "{buyer}"},
    ("POST", "/api/v1/items/{item}/requests/unpick"): {"member": "{buyer}"},
    ("PATCH", "/api/v1/me"): PROFILE,
    ("PATCH", "/api/v1/me/searches/{saved}"): {"name": "相机们"},
    ("POST", "/api/v1/me/searches"): {"name": "相机", "ask": {"text": "相机"}},
    ("POST", "/me/searches"): {"q": "相机"},
    ("POST", "/api/v1/me/verification"): {"name": "王小满", "id_number": "1"},
    ("POST", "/api/v1/notes"): {"title": "搬家", "body": "出闲置"},
    ("PATCH", "/api/v1/notes/{note}"): {"version": 1, "title": "搬家啦"},
    ("POST", "/api/v1/notes/{note}/comments"): {"body": "还在吗"},
    ("POST", "/api/v1/me/addresses"): ADDRESS,
    ("PUT", "/api/v1/me/addresses/{address}"): ADDRESS,
    ("POST", "/api/v1/me/delete"): {"confirm": "not my handle"},
    ("POST", "/api/v1/me/phone"): {**PHONE, "code": "000000"},
    ("POST", "/api/v1/me/phone/codes"): {"phone": "123"},
    ("POST", "/me/phone"): {**PHONE, "code": "000000"},
    ("POST", "/settings/phone"): {"phone": "123"},
    ("POST", "/api/v1/me/password"): {"password": "correct horse battery"},
    ("POST", "/api/v1/me/totp/remove"): {"code": "000000"},
    ("POST", "/api/v1/me/totp/verify"): {"code": "000000"},
    ("POST", "/api/v1/orders"): {"lines": [{"item": "{thing}", "quantity": 1}], "handover": "meet"},
    ("POST", "/api/v1/quotes"): {"lines": [{"item": "{thing}", "quantity": 1}], "handover": "meet"},
    ("POST", "/console/cases/{case}"): {"verb": "dismiss", "reason": "没有问题", "rule": ""},
    ("POST", "/console/feed/topics"): {"name": "相机小镇", "tags": "相机"},
    ("POST", "/console/feed/quotas"): {
        "topic": "相机",
        "label": "相机节",
        "quota": "10",
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2099-01-01T00:00",
    },
    ("POST", "/console/config/{name}"): {"value": "31", "reason": "试试"},
    ("POST", "/console/members/restrict"): RESTRICT,
    ("POST", "/me/addresses"): ADDRESS_FIELDS,
    ("POST", "/me/addresses/{address}"): ADDRESS_FIELDS,
    ("POST", "/me/delete"): {"confirm": "not my handle"},
    ("POST", "/me/password"): {"password": "x"},
    ("POST", "/me/totp/remove"): {"code": "000000"},
    ("POST", "/api/v1/orders/{order}/cancel"): {"reason": "changed_mind"},
    ("POST", "/api/v1/orders/{order}/deliver"): {"content": "链接"},
    ("POST", "/api/v1/orders/{order}/meeting"): {"place": "东门", "at": "2026-03-03T10:00:00Z"},
    ("POST", "/api/v1/orders/{order}/redeem"): {"code": "000000"},
    ("POST", "/api/v1/orders/{order}/ship"): {"carrier": "sf", "waybill": "SF1234567890123"},
    ("POST", "/api/v1/orders/{order}/waybill"): {"carrier": "sf", "waybill": "SF1234567890124"},
    ("POST", "/orders/{order}/waybill"): {"carrier": "sf", "waybill": "SF1234567890124"},
    ("POST", "/api/v1/refunds/{refund}/waybill"): {"carrier": "sf", "waybill": "SF1234567890125"},
    ("POST", "/refunds/{refund}/waybill"): {"carrier": "sf", "waybill": "SF1234567890125"},
    ("POST", "/api/v1/wanted"): {"title": "求购相机"},
    ("POST", "/api/v1/wanted/{wanted}/answers"): {"item": "itm_00000000000000000000000000"},
    ("POST", "/api/v1/cart"): {"item": "{thing}"},
    ("POST", "/api/v1/checkouts"): {"lines": [{"item": "{thing}"}], "handover": "meet"},
    ("POST", "/api/v1/checkouts/{checkout}/cancel"): {},
    ("PUT", "/api/v1/items/{item}/floor"): {"amount": MONEY},
    ("POST", "/api/v1/items/{item}/links"): {"price": MONEY, "member": "{buyer}"},
    ("POST", "/api/v1/items/{item}/offers"): {"amount": MONEY},
    ("PUT", "/api/v1/notes/{note}/bundle"): {"count": 3, "percent": 10},
    ("POST", "/api/v1/offers/{offer}/counter"): {"amount": MONEY},
    ("POST", "/api/v1/offers/{offer}/decline"): {"message": "先不出"},
    ("POST", "/api/v1/orders/{order}/price"): {"version": 1, "goods": MONEY},
    ("POST", "/api/v1/orders/{order}/reconfirm"): {"version": 2},
    ("POST", "/api/v1/orders/{order}/thanks"): {"words": "谢谢"},
    ("PUT", "/api/v1/items/{item}/deposit"): {"kind": "refundable"},
    ("POST", "/items/{item}/deposit"): {"kind": "refundable", "percent": "10", "hours": "24", "silent": "refund"},
    ("POST", "/api/v1/quotes/checkout"): {"lines": [{"item": "{thing}"}], "handover": "meet"},
    ("POST", "/checkout"): {"lines.0.item": "{thing}"},
    ("POST", "/items/{item}/cart"): {"quantity": "1"},
    ("POST", "/items/{item}/floor"): {"amount": "99"},
    ("POST", "/items/{item}/links"): {"price": "99", "member": "{buyer}"},
    ("POST", "/items/{item}/offers"): {"amount": "99"},
    ("POST", "/notes/{note}/bundle"): {"count": "3", "percent": "10"},
    ("POST", "/notes/{note}/cart"): {"item": "{item}"},
    ("POST", "/offers/{offer}/counter"): {"amount": "99"},
    ("POST", "/orders/{order}/price"): {"version": "1", "goods": "99"},
    ("POST", "/orders/{order}/reconfirm"): {"version": "2"},
    ("POST", "/orders/{order}/thanks"): {"words": "谢谢"},
    ("POST", "/items/{item}/buy"): {"quantity": "1", "handover": "meet"},
    ("POST", "/items/{item}/requests"): {"reason": "想要"},
    ("POST", "/items/{item}/requests/pick"): {"member": "{buyer}"},
    ("POST", "/items/{item}/requests/unpick"): {"member": "{buyer}"},
    ("POST", "/items/{item}/edit"): {"version": "1", "title": "小相机二代", "price": "99"},
    ("POST", "/me"): {"version": "1", "bio": "你好"},
    ("POST", "/me/verification"): {"name": "王小满", "id_number": "1"},
    ("POST", "/notes/{note}/comments"): {"body": "还在吗"},
    ("POST", "/notes/{note}/edit"): {"version": "1", "title": "搬家啦", "body": "出闲置"},
    ("POST", "/orders/{order}/cancel"): {"reason": "changed_mind"},
    ("POST", "/orders/{order}/deliver"): {"content": "链接"},
    ("POST", "/orders/{order}/meeting"): {"place": "东门"},
    ("POST", "/orders/{order}/redeem"): {"code": "000000"},
    ("POST", "/orders/{order}/ship"): {"carrier": "sf", "waybill": "SF1234567890123"},
    ("POST", "/publish"): {"title": "台灯", "price": "20"},
    ("POST", "/publish/note"): {"title": "搬家", "body": "出闲置", "kind": "share"},
    ("POST", "/here"): {"city": "杭州"},
    ("POST", "/api/v1/refunds/{refund}/agree"): {},
    ("POST", "/refunds/{refund}/agree"): {},
    ("POST", "/api/v1/refunds/{refund}/counter"): {"kind": "return"},
    ("POST", "/refunds/{refund}/counter"): {"kind": "return"},
    ("POST", "/api/v1/refunds/{refund}/refuse"): {"reason": "没坏"},
    ("POST", "/refunds/{refund}/refuse"): {"reason": "没坏"},
    ("POST", "/api/v1/refunds/{refund}/ship-back"): {"carrier": "sf", "waybill": "{waybill}", "evidence": ["{shown}"]},
    ("POST", "/refunds/{refund}/ship-back"): {"carrier": "sf", "waybill": "{waybill}", "evidence": ["{shown}"]},
    ("POST", "/api/v1/refunds/{refund}/refuse-received"): {
        "problem": "swapped",
        "reason": "不是这件",
        "evidence": ["{shown}"],
    },
    ("POST", "/refunds/{refund}/refuse-received"): {
        "problem": "swapped",
        "reason": "不是这件",
        "evidence": ["{shown}"],
    },
    ("POST", "/api/v1/refunds/{refund}/replace"): {"carrier": "sf", "waybill": "{waybill}"},
    ("POST", "/refunds/{refund}/replace"): {"carrier": "sf", "waybill": "{waybill}"},
    ("POST", "/api/v1/refunds/{refund}/escalate"): {"reason": "请看看"},
    ("POST", "/refunds/{refund}/escalate"): {"reason": "请看看"},
    ("POST", "/api/v1/refunds/{refund}/rule"): {"outcome": "release", "reason": "看过了", "rule": "RF4"},
    ("POST", "/console/refunds/{refund}"): {"outcome": "release", "reason": "看过了", "rule": "RF4"},
    ("POST", "/api/v1/orders/{order}/refunds"): {"kind": "unshipped", "reason": "changed_mind"},
    ("POST", "/orders/{order}/refunds"): {"kind": "unshipped", "reason": "changed_mind"},
    ("POST", "/sign-in/code"): {"phone": "123"},
    ("POST", "/sign-in"): {**PHONE, "code": "000000"},
}

TABLE = """
ooooooo GET /api/v1
ooooooo GET /api/v1/carriers
ooooooo GET /api/v1/categories
ooooooo GET /api/v1/circles
ooooooo GET /api/v1/circles/{circle}
ooooooo GET /api/v1/circles/{circle}/items
nnnoonn GET /api/v1/circles/{circle}/meeting-places
ooooooo GET /api/v1/circles/{circle}/rules
sfffoff GET /api/v1/console/money
sffooff GET /api/v1/console/prices
soooooo GET /api/v1/drafts
soooooo GET /api/v1/earnings
ooooooo GET /api/v1/feed
ooooooo GET /api/v1/items
ooooooo GET /api/v1/items/{item}
snnnnno GET /api/v1/items/{item}/reach
snnnnno GET /api/v1/items/{item}/requests
soooooo GET /api/v1/me
soooooo GET /api/v1/me/addresses
soooooo GET /api/v1/me/blocks
soooooo GET /api/v1/me/export
soooooo GET /api/v1/me/notices
soooooo GET /api/v1/me/feed
soooooo GET /api/v1/me/less
soooooo GET /api/v1/me/passkeys
soooooo GET /api/v1/me/saved-items
soooooo GET /api/v1/me/searches
soooooo GET /api/v1/me/selling
soooooo GET /api/v1/me/topics
soooooo GET /api/v1/me/sessions
soooooo GET /api/v1/me/views
ooooooo GET /api/v1/members/{member}
ooooooo GET /api/v1/members/{member}/followers
ooooooo GET /api/v1/members/{member}/following
ooooooo GET /api/v1/members/{member}/items
ooooooo GET /api/v1/notes/{note}
ooooooo GET /api/v1/notes/{note}/comments
snnnnno GET /api/v1/notes/{note}/reach
sooooon GET /api/v1/notes/{note}/less
ooooooo GET /api/v1/notes/{note}/comments/{comment}/replies
soooooo GET /api/v1/notices
ooooooo GET /api/v1/openapi.json
soooooo GET /api/v1/orders
snnnnoo GET /api/v1/orders/{order}
snnnnoo GET /api/v1/orders/{order}/meeting-places
rrrrrrr GET /api/v1/price-hints
ooooooo GET /api/v1/prices
nnnnnnn GET /api/v1/prices/{model}
soooooo GET /api/v1/saved
ooooooo GET /api/v1/search
ooooooo GET /api/v1/search/suggestions
ooooooo GET /api/v1/topics
nnnnnnn GET /api/v1/topics/{name}
ooooooo GET /api/v1/topics/{name}/items
soooooo GET /api/v1/visits
ooooooo GET /api/v1/wanted
ooooooo GET /api/v1/wanted/{wanted}
nnnnnnn GET /api/v1/{path}
ooooooo GET /
ooooooo GET /assets/dist/{file_path}
ooooooo GET /circles
soooooo GET /circles/new
ooooooo GET /circles/{circle}
snnoonn GET /circles/{circle}/edit
snnoonn GET /circles/{circle}/places
ooooooo GET /circles/{circle}/rules
snnoonn GET /circles/{circle}/rules/edit
snnoonn GET /console
snnfonn GET /console/audit
snnoonn GET /console/cases/{case}
snnfonn GET /console/config
snnfonn GET /console/config/{name}
snnoonn GET /console/feed
snnfonn GET /console/machine
snnoonn GET /console/members
snnfonn GET /console/money
snnoonn GET /console/prices
sssssss GET /console/sign-in
soooooo GET /drafts
ooooooo GET /fees
ooooooo GET /healthz
ooooooo GET /items/{item}
sooooor GET /items/{item}/buy
snnnnno GET /items/{item}/edit
snnnnno GET /items/{item}/reach
ooooooo GET /manifest.webmanifest
ooooooo GET /market
soooooo GET /me
soooooo GET /me/searches
snnnnon GET /me/searches/{saved}
soooooo GET /me/views
nnnnnnn GET /media/{upload}/{name}
ooooooo GET /metrics
soooooo GET /money
ooooooo GET /notes/{note}
snnnnno GET /notes/{note}/edit
snnnnno GET /notes/{note}/reach
sooooon GET /notes/{note}/less
rrrrrrr GET /oembed
ooooooo GET /open
soooooo GET /orders
snnnnoo GET /orders/{order}
snnnnoo GET /orders/{order}/agreed
snnnnoo GET /orders/{order}/cancel
snnnnoo GET /orders/{order}/confirm
snnnnoo GET /orders/{order}/deliver
snnnnoo GET /orders/{order}/meet
snnnnoo GET /orders/{order}/meeting
snnnnoo GET /orders/{order}/paid
snnnnoo GET /orders/{order}/scan
snnnnoo GET /orders/{order}/ship
snnnnoo GET /orders/{order}/waybill
ooooooo GET /prices
nnnnnnn GET /prices/{model}
soooooo GET /publish
soooooo GET /publish/batch
soooooo GET /publish/import
soooooo GET /publish/note
ooooooo GET /publish/note/block
ooooooo GET /publish/price-hint
ooooooo GET /publish/questions
nnnnnnn GET /qr/{subject}
snnnnnn GET /resume/{stash}
ooooooo GET /robots.txt
ooooooo GET /rules
ooooooo GET /safety
soooooo GET /saved
ooooooo GET /search
soooooo GET /sell-check
soooooo GET /settings
soooooo GET /settings/addresses
soooooo GET /settings/addresses/new
snnnnon GET /settings/addresses/{address}
soooooo GET /settings/blocks
soooooo GET /settings/notices
soooooo GET /settings/privacy
soooooo GET /settings/privacy/export
soooooo GET /settings/phone
soooooo GET /settings/security
soooooo GET /settings/sessions
ooooooo GET /sign-in
ooooooo GET /sign-in/password
ooooooo GET /sitemap.xml
ooooooo GET /sw.js
nnnnnnn GET /topics/{name}
ooooooo GET /u/{who}
ooooooo GET /u/{who}/followers
ooooooo GET /u/{who}/following
ooooooo GET /u/{who}/notes
soooooo GET /verify
soooooo GET /visits
rrrrrrr POST /api/v1/auth/appeals
rrrrrrr POST /api/v1/auth/codes
rrrrrrr POST /api/v1/auth/passkeys
ooooooo POST /api/v1/auth/passkeys/options
rrrrrrr POST /api/v1/auth/password
rrrrrrr POST /api/v1/auth/sessions
sofoooo POST /api/v1/circles
nnnoonn PATCH /api/v1/circles/{circle}
soobooo POST /api/v1/circles/{circle}/join
sbbobbb POST /api/v1/circles/{circle}/leave
nnnrrnn POST /api/v1/circles/{circle}/hosts
nnnoonn POST /api/v1/circles/{circle}/rules
nnnoonn PUT /api/v1/circles/{circle}/rules
nnnoonn PUT /api/v1/circles/{circle}/meeting-places
nnnoonn POST /api/v1/circles/{circle}/meeting-places
nnnoonn POST /api/v1/circles/{circle}/meeting-places/remove
sfffffo POST /api/v1/items
sfffffo POST /api/v1/items/batch
sbbbbbb POST /api/v1/feed/seen
rrrrrrr POST /api/v1/items/import
snnnnon DELETE /api/v1/me/searches/{saved}
snnnnno DELETE /api/v1/items/{item}
snnnnno PATCH /api/v1/items/{item}
snnnnon POST /api/v1/items/{item}/alerts
snnnnno POST /api/v1/items/{item}/expire
snnnnno POST /api/v1/items/{item}/pause
snnnnnr POST /api/v1/items/{item}/publish
snnnnnr POST /api/v1/items/{item}/relist
snnnnno POST /api/v1/items/{item}/remove
sofoorr POST /api/v1/items/{item}/requests
snnnnno POST /api/v1/items/{item}/requests/draw
snnnnno POST /api/v1/items/{item}/requests/pick
snnnnnr POST /api/v1/items/{item}/requests/unpick
sbbbbob POST /api/v1/items/{item}/requests/withdraw
sfffffr POST /api/v1/items/{item}/resume
sooooon POST /api/v1/items/{item}/save
sbbbbbb POST /api/v1/items/{item}/unsave
srrrrrr PATCH /api/v1/me
snnnnon PATCH /api/v1/me/searches/{saved}
soooooo POST /api/v1/me/addresses
snnnnon PUT /api/v1/me/addresses/{address}
snnnnon POST /api/v1/me/addresses/{address}/remove
srrrrrr POST /api/v1/me/delete
soooooo POST /api/v1/me/notices
soooooo POST /api/v1/me/feed
soooooo POST /api/v1/me/less
sbbbbbb POST /api/v1/me/less/take-back
snnnnnn POST /api/v1/topics/{topic}/follow
snnnnnn POST /api/v1/topics/{topic}/unfollow
sbbbbbb POST /api/v1/me/views/erase
rrrrrrr POST /api/v1/me/passkeys
soooooo POST /api/v1/me/passkeys/options
snnnnon POST /api/v1/me/passkeys/{passkey}/remove
soooooo POST /api/v1/me/password
srrrrrr POST /api/v1/me/phone
srrrrrr POST /api/v1/me/phone/codes
sbbbbbb POST /api/v1/me/sessions/revoke-others
soooooo POST /api/v1/me/searches
snnnnon POST /api/v1/me/searches/{saved}/remove
snnnnon POST /api/v1/me/sessions/{session}/revoke
soooooo POST /api/v1/me/totp
srrrrrr POST /api/v1/me/totp/remove
srrrrrr POST /api/v1/me/totp/verify
srrrrrr POST /api/v1/me/verification
rrrrrrr POST /api/v1/media
sooooor POST /api/v1/members/{member}/block
sooooor POST /api/v1/members/{member}/follow
sbbbbbr POST /api/v1/members/{member}/unblock
sbbbbbr POST /api/v1/members/{member}/unfollow
sofoooo POST /api/v1/notes
snnnnno DELETE /api/v1/notes/{note}
snfnnnr PATCH /api/v1/notes/{note}
sofoooo POST /api/v1/notes/{note}/comments
soooooo POST /api/v1/notes/{note}/comments/{comment}/like
nnnoooo POST /api/v1/notes/{note}/comments/{comment}/remove
sbbbbbb POST /api/v1/notes/{note}/comments/{comment}/unlike
nnnnnnn POST /api/v1/notes/{note}/items/{item}/approve
nnnnnnn POST /api/v1/notes/{note}/items/{item}/reject
soooooo POST /api/v1/notes/{note}/like
snfnnnr POST /api/v1/notes/{note}/publish
snnnnno POST /api/v1/notes/{note}/remove
nnnrrnn POST /api/v1/notes/{note}/restore
soooooo POST /api/v1/notes/{note}/save
sbbbbbb POST /api/v1/notes/{note}/unlike
sbbbbbb POST /api/v1/notes/{note}/unsave
sbbbbob POST /api/v1/notices/read
snnnnon POST /api/v1/notices/{notice}/read
sofooor POST /api/v1/orders
snnnnoo POST /api/v1/orders/{order}/cancel
snnnnor POST /api/v1/orders/{order}/confirm
snnnnrr POST /api/v1/orders/{order}/deliver
snnnnor POST /api/v1/orders/{order}/extend
snnnnoo POST /api/v1/orders/{order}/meeting
rrrrrrr POST /api/v1/orders/{order}/payment
snnnnrr POST /api/v1/orders/{order}/redeem
snnnnor POST /api/v1/orders/{order}/renew-code
snnnnro POST /api/v1/orders/{order}/ship
snnnnro POST /api/v1/orders/{order}/waybill
sbbbbbr POST /api/v1/quotes
rrrrrrr POST /api/v1/visits
snnnnno POST /api/v1/visits/{slot}/call-off
snnnnon POST /api/v1/visits/{slot}/leave
snnnnon POST /api/v1/visits/{slot}/take
sofoooo POST /api/v1/wanted
sfffffr POST /api/v1/wanted/{wanted}/answers
snnnnno POST /api/v1/wanted/{wanted}/close
fffffff POST /auth/appeals
sofoooo POST /circles/new
nnnoonn POST /circles/{circle}/edit
nnnoonn POST /circles/{circle}/meeting-places
nnnoonn POST /circles/{circle}/meeting-places/remove
nnnrrnn POST /circles/{circle}/hosts
soobooo POST /circles/{circle}/join
sbbobbb POST /circles/{circle}/leave
nnnoonn POST /circles/{circle}/rules
snnoonn POST /console/cases/{case}
snnfonn POST /console/config/{name}
snnoonn POST /console/feed/topics
snnoonn POST /console/feed/quotas
snnnnnn POST /console/feed/quotas/{quota}/end
snnoonn POST /console/members/restrict
srrrrrr POST /console/unlock
bbbbbbb POST /here
nnnnnnn POST /hooks/parcels/{service}
nnnnnnn POST /hooks/payments/{provider}
sofooor POST /items/{item}/buy
snnnnon POST /items/{item}/alerts
snnnnno POST /items/{item}/edit
snnnnno POST /items/{item}/expire
snnnnno POST /items/{item}/pause
snnnnnr POST /items/{item}/publish
snnnnnr POST /items/{item}/relist
snnnnno POST /items/{item}/remove
sofoorr POST /items/{item}/requests
snnnnno POST /items/{item}/requests/draw
snnnnno POST /items/{item}/requests/pick
snnnnnr POST /items/{item}/requests/unpick
sbbbbob POST /items/{item}/requests/withdraw
sfffffr POST /items/{item}/resume
sooooon POST /items/{item}/save
sbbbbbb POST /items/{item}/unsave
srrrrrr POST /me
soooooo POST /me/addresses
snnnnon POST /me/addresses/{address}
snnnnon POST /me/addresses/{address}/remove
srrrrrr POST /me/delete
soooooo POST /me/feed
soooooo POST /me/less
sbbbbbb POST /me/less/take-back
snnnnnn POST /topics/{topic}/follow
sbbbbbb POST /topics/{topic}/unfollow
sbbbbbb POST /me/views/erase
srrrrrr POST /me/passkeys
snnnnon POST /me/passkeys/{passkey}/remove
srrrrrr POST /me/password
srrrrrr POST /me/phone
sbbbbbb POST /me/sessions/revoke-others
soooooo POST /me/searches
snnnnon POST /me/searches/{saved}
snnnnon POST /me/searches/{saved}/remove
snnnnon POST /me/sessions/{session}/revoke
srrrrrr POST /me/totp/remove
srrrrrr POST /me/verification
srrrrrr POST /visits
snnnnno POST /visits/{slot}/call-off
snnnnon POST /visits/{slot}/leave
snnnnon POST /visits/{slot}/take
sooooor POST /members/{member}/block
sooooor POST /members/{member}/follow
sbbbbbr POST /members/{member}/unblock
sbbbbbr POST /members/{member}/unfollow
sofoooo POST /notes/{note}/comments
soooooo POST /notes/{note}/comments/{comment}/like
nnnoooo POST /notes/{note}/comments/{comment}/remove
sbbbbbb POST /notes/{note}/comments/{comment}/unlike
snfnnnr POST /notes/{note}/edit
nnnnnnn POST /notes/{note}/items/{item}/approve
nnnnnnn POST /notes/{note}/items/{item}/reject
soooooo POST /notes/{note}/like
snfnnnr POST /notes/{note}/publish
snnnnno POST /notes/{note}/remove
nnnrrnn POST /notes/{note}/restore
soooooo POST /notes/{note}/save
sbbbbbb POST /notes/{note}/unlike
sbbbbbb POST /notes/{note}/unsave
sbbbbob POST /notices/read
snnnnon POST /notices/{notice}/read
snnnnoo POST /orders/{order}/cancel
snnnnob POST /orders/{order}/confirm
snnnnbb POST /orders/{order}/deliver
snnnnor POST /orders/{order}/extend
snnnnoo POST /orders/{order}/meeting
rrrrrrr POST /orders/{order}/payment
snnnnbr POST /orders/{order}/redeem
snnnnob POST /orders/{order}/renew-code
snnnnbo POST /orders/{order}/ship
snnnnbo POST /orders/{order}/waybill
sfffffo POST /publish
rrrrrrr POST /publish/batch
sbbbbbb POST /publish/batch/name
rrrrrrr POST /publish/first
srrrrrr POST /publish/import
sofoooo POST /publish/note
bbbbbbb POST /publish/note/more
bbbbbbb POST /publish/step
soooooo POST /settings/notices
bbbbbbb POST /seen
srrrrrr POST /settings/picture
srrrrrr POST /settings/phone
soooooo POST /settings/totp
srrrrrr POST /settings/totp/confirm
rrrrrrr POST /sign-in
rrrrrrr POST /sign-in/code
rrrrrrr POST /sign-in/passkey
rrrrrrr POST /sign-in/password
soooooo GET /api/v1/me/cases
soooooo GET /api/v1/me/reports
ooooooo GET /api/v1/rules
snnnnnn GET /cases/{case}/appeal
soooooo GET /me/cases
soooooo GET /me/reports
soooooo GET /messages
nnnnnnn GET /report
ooooooo GET /report/thanks
rrrrrrr POST /api/v1/cases/{case}/appeal
sofoooo POST /api/v1/notes/{note}/want-same
rrrrrrr POST /api/v1/reports
snnnnnn POST /cases/{case}/appeal
rrrrrrr POST /language
snnnnno POST /notes/{note}/wanted/{wanted}/close
nnnnnnn POST /reports
soooooo GET /api/v1/cart
snnnnon GET /api/v1/checkouts/{checkout}
snnnnno GET /api/v1/items/{item}/floor
snnnnno GET /api/v1/items/{item}/links
soooooo GET /api/v1/items/{item}/offers
snnnnon GET /api/v1/links/{token}
nnnnnnn GET /api/v1/notes/{note}/bundle
soooooo GET /api/v1/offers
snnnnoo GET /api/v1/offers/{offer}
soooooo GET /cart
soooooo GET /checkout
snnnnon GET /checkouts/{checkout}
snnnnon GET /checkouts/{checkout}/paid
soooooo GET /items/{item}/offer
snnnnno GET /items/{item}/prices
snnnnno GET /notes/{note}/bundle
soooooo GET /offers
snnnnoo GET /offers/{offer}
snnnnoo GET /offers/{offer}/counter
snnnnoo GET /orders/{order}/price
snnnnoo GET /orders/{order}/reconfirm
sooooor POST /api/v1/cart
soooooo DELETE /api/v1/cart
soooooo DELETE /api/v1/cart/{item}
sofooor POST /api/v1/checkouts
snnnnon POST /api/v1/checkouts/{checkout}/cancel
rrrrrrr POST /api/v1/checkouts/{checkout}/payment
snnnnno PUT /api/v1/items/{item}/floor
snnnnno DELETE /api/v1/items/{item}/floor
snfnnno POST /api/v1/items/{item}/links
sofooor POST /api/v1/items/{item}/offers
snnnnno DELETE /api/v1/links/{link}
snnnnno PUT /api/v1/notes/{note}/bundle
snnnnno DELETE /api/v1/notes/{note}/bundle
snnnnro POST /api/v1/offers/{offer}/accept
snnnnro POST /api/v1/offers/{offer}/counter
snnnnro POST /api/v1/offers/{offer}/decline
snnnnor POST /api/v1/offers/{offer}/withdraw
snnnnro POST /api/v1/orders/{order}/price
snnnnor POST /api/v1/orders/{order}/reconfirm
sbbbbbr POST /api/v1/quotes/checkout
soooooo POST /cart/{item}/remove
sofooor POST /checkout
snnnnon POST /checkouts/{checkout}/cancel
rrrrrrr POST /checkouts/{checkout}/payment
sooooor POST /items/{item}/cart
snnnnno POST /items/{item}/floor
snnnnno POST /items/{item}/floor/remove
snnnnno POST /items/{item}/links
snnnnno POST /items/{item}/links/{link}/revoke
sofooor POST /items/{item}/offers
snnnnno POST /notes/{note}/bundle
snnnnno POST /notes/{note}/bundle/remove
sooooor POST /notes/{note}/cart
snnnnbo POST /offers/{offer}/accept
snnnnbo POST /offers/{offer}/counter
snnnnbo POST /offers/{offer}/decline
snnnnob POST /offers/{offer}/withdraw
snnnnbo POST /orders/{order}/price
snnnnob POST /orders/{order}/reconfirm
snnnnro POST /api/v1/refunds/{refund}/agree
snnnnbo POST /refunds/{refund}/agree
snnnnro POST /api/v1/refunds/{refund}/counter
snnnnbo POST /refunds/{refund}/counter
snnnnor POST /api/v1/refunds/{refund}/accept-counter
snnnnob POST /refunds/{refund}/accept-counter
snnnnro POST /api/v1/refunds/{refund}/refuse
snnnnbo POST /refunds/{refund}/refuse
snnnnor POST /api/v1/refunds/{refund}/ship-back
snnnnob POST /refunds/{refund}/ship-back
snnnnor POST /api/v1/refunds/{refund}/waybill
snnnnob POST /refunds/{refund}/waybill
snnnnro POST /api/v1/refunds/{refund}/receive
snnnnbo POST /refunds/{refund}/receive
snnnnro POST /api/v1/refunds/{refund}/refuse-received
snnnnbo POST /refunds/{refund}/refuse-received
snnnnro POST /api/v1/refunds/{refund}/replace
snnnnbo POST /refunds/{refund}/replace
snnnnor POST /api/v1/refunds/{refund}/withdraw
snnnnob POST /refunds/{refund}/withdraw
snnnnor POST /api/v1/refunds/{refund}/escalate
snnnnob POST /refunds/{refund}/escalate
sffooff POST /api/v1/refunds/{refund}/rule
snnoonn POST /console/refunds/{refund}
snnoonn GET /console/refunds
snnoonn GET /console/refunds/{refund}
snnnnoo GET /api/v1/orders/{order}/refunds
snnnnon GET /api/v1/orders/{order}/refunds/choices
snnoooo GET /api/v1/refunds/{refund}
sffooff GET /api/v1/disputed-refunds
ooooooo GET /api/v1/refund-rules
snnnnon GET /orders/{order}/refund
snnnnoo GET /refunds/{refund}
snnnnoo GET /refunds/{refund}/agree
snnnnoo GET /refunds/{refund}/counter
snnnnoo GET /refunds/{refund}/refuse
snnnnoo GET /refunds/{refund}/ship-back
snnnnoo GET /refunds/{refund}/waybill
snnnnoo GET /refunds/{refund}/receive
snnnnoo GET /refunds/{refund}/refuse-received
snnnnoo GET /refunds/{refund}/replace
snnnnoo GET /refunds/{refund}/escalate
snnnnoo GET /refunds/{refund}/withdraw
snnnnon POST /api/v1/orders/{order}/refunds
snnnnon POST /orders/{order}/refunds
ooooooo GET /api/v1/items/{item}/history
snnnnoo GET /api/v1/orders/{order}/thanks
snnnnoo GET /orders/{order}/thanks
snnnnrr POST /api/v1/orders/{order}/resell
snnnnbb POST /orders/{order}/resell
snnnnrr POST /api/v1/orders/{order}/thanks
snnnnbb POST /orders/{order}/thanks
snnnnnn DELETE /api/v1/orders/{order}/thanks
snnnnnn POST /orders/{order}/thanks/remove
ooooooo GET /api/v1/items/{item}/deposit
snnnnno PUT /api/v1/items/{item}/deposit
snnnnno GET /items/{item}/deposit
snnnnno POST /items/{item}/deposit
snnnnrr POST /api/v1/orders/{order}/forfeit
snnnnbb POST /orders/{order}/forfeit
snnnnoo GET /orders/{order}/forfeit
sfffnff POST /api/v1/console/orders/{order}/amends/{subject}
sfffnff POST /console/orders/{order}/amends/{subject}
"""

EXPECTED = {(method, path): letters for letters, method, path in (line.split() for line in TABLE.strip().splitlines())}
