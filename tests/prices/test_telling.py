"""Which model a title names: golden cases, and what must hold for any words around a name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianji.domains.items import all_categories
from xianji.domains.prices import catalogue
from xianji.domains.prices.telling import model_of

SURE = [
    ("iPhone15pro 256", "digital", "iphone-15-pro", "256G"),
    ("iPhone 15 Pro Max 256G 原色", "digital", "iphone-15-pro-max", "256G"),
    ("ｉＰｈｏｎｅ　１３　１２８Ｇ", "digital", "iphone-13", "128G"),
    ("苹果13pm 1TB 国行", "digital", "iphone-13-pro-max", "1T"),
    ("iPhone 13 128G 送壳送膜 电池健康87", "digital", "iphone-13", "128G"),
    ("iPhone 12 换过电池 屏幕完好", "digital", "iphone-12", ""),
    ("iPhone XR", None, "iphone-xr", ""),
    ("小米14 12+256GB 全套", "digital", "xiaomi-14", "256G"),
    ("红米note8 4+64G", "digital", "redmi-note-8", "64G"),
    ("华为mate40pro 8+128 电池86", "digital", "huawei-mate-40-pro", "128G"),
    ("三星s10+ 8+128g 三星S10+", "digital", "galaxy-s10-plus", "128G"),
    ("256G iPad mini5 国行WiFi版", "digital", "ipad-mini-5", "256G"),
    ("airpods pro 二代", "digital", "airpods-pro-2", ""),
    ("Switch OLED 日版 双手柄", "digital", "nintendo-switch-oled", ""),
    ("索尼 A7M4 单机身", "cameras", "sony-a7-iv", ""),
    ("a7 M4 快门3000", "cameras", "sony-a7-iv", ""),
    ("A7IV", "cameras", "sony-a7-iv", ""),
    ("ILCE-7M4 带24-70镜头", "cameras", "sony-a7-iv", "kit"),
    ("A7C2 机身", "cameras", "sony-a7c-ii", ""),
    ("富士 XT30二代 15-45套机", "cameras", "fujifilm-x-t30-ii", ""),
    ("理光GR3x", "cameras", "ricoh-gr-iiix", ""),
    ("戴森 V10 吸尘器 带全部吸头", "appliances", "dyson-v10", ""),
    ("蘋果手機 13 256G 螢幕完好", "digital", "iphone-13", "256G"),
    ("Coach Tabby 26 链条包 送防尘袋", "luxury", "coach-tabby-26", ""),
    ("匡威1970s 高帮 38码", "fashion", "converse-chuck-70-high", ""),
    ("LABUBU 坐坐派对 挂件 确认款", "fandom", "labubu-have-a-seat", ""),
    ("乐高 10311 兰花 积木", "other", "lego-10311-orchid", ""),
    ("万代 MG 牛高达卡版 拼装模型", "fandom", "gunpla-mg-nu-gundam-ver-ka", ""),
    ("SK-II 神仙水230ml 未拆", "beauty", "sk-ii-essence-230ml", ""),
    ("大行P8 折叠车", "sports", "dahon-p8", ""),
]
UNSURE = [
    ("iPhone 15 Pro 手机壳", "digital"),
    ("iPhone 13 钢化膜", "digital"),
    ("iPhone 13 屏幕", "digital"),
    ("iPhone 12 原装电池", "digital"),
    ("AirPods Pro 2 左耳", "digital"),
    ("switch 塞尔达 卡带", "digital"),
    ("漫威蜘蛛侠2 PS5 港版 中文", "digital"),
    ("索尼PS5无线手柄", "digital"),
    ("适用于 A7M4 的兔笼", "cameras"),
    ("求购 iPhone 13", "digital"),
    ("收一台 A7M4", "cameras"),
    ("looking for iPhone 13", "digital"),
    ("iPhone 15 换 iPhone 14", "digital"),
    ("iPhone 13 有锁", "digital"),
    ("iPhone 13 碎屏 能用", "digital"),
    ("iPhone 11 两台打包", "digital"),
    ("iPhone 15 Ultra", "digital"),
    ("iPhone 15", "fashion"),
    ("苹果12个", "other"),
    ("小米13英寸笔记本", "digital"),
    ("小米9透明版", "digital"),
    ("华为Mate 60 RS", "digital"),
    ("A7C3", "cameras"),
    ("A7", None),
    ("苹果 iPhone 15 Pr...", "digital"),
    ("Apple/苹果 iPhone 12 …", "digital"),
    ("苹果13 手机模型", "digital"),
    ("乐高 任天堂 Switch 主机 71374", "digital"),
    ("SK-II 神仙水 230ml 空瓶", "beauty"),
    ("10280", "other"),
    ("花生", "fandom"),
    ("这台相机很好", "cameras"),
]


@pytest.mark.parametrize(("title", "category", "code", "variant"), SURE)
def test_a_name_is_told(title: str, category: str | None, code: str, variant: str) -> None:
    found = model_of(title, category, {})
    assert found is not None
    assert (found.model.code, found.variant) == (code, variant)


@pytest.mark.parametrize(("title", "category"), UNSURE)
def test_nothing_is_guessed(title: str, category: str | None) -> None:
    assert model_of(title, category, {}) is None


def test_answers_to_questions_count_too_and_must_not_contradict_the_title() -> None:
    filled = {"brand": "Apple", "model": "iPhone 13", "storage": {"value": "256", "unit": "GB"}}
    found = model_of("自用手机出了", "digital", filled)
    assert found is not None
    assert (found.model.code, found.variant) == ("iphone-13", "256G")
    assert model_of("iPhone 14 自用", "digital", filled) is None
    assert model_of("手机壳", "digital", filled) is None


def test_every_model_is_found_by_its_own_name_and_by_nobody_elses() -> None:
    for code, model in catalogue.all_models().items():
        found = model_of(model.name + (" 主机" if model.kind == "console" else ""), model.category, {})
        if found is not None:
            assert found.model.code == code
    told = [m for m in catalogue.all_models().values() if model_of(m.name + " 主机 自用", m.category, {})]
    assert len(told) >= len(catalogue.all_models()) * 95 // 100
    assert {m.category for m in catalogue.all_models().values()} <= set(all_categories())


@given(st.text(max_size=60), st.sampled_from([None, "digital", "cameras", "other"]))
def test_any_words_are_judged_without_failing(words: str, category: str | None) -> None:
    found = model_of(words, category, {"model": words})
    assert found is None or category is None or category in found.model.categories


@given(st.data())
def test_letter_case_gaps_and_width_do_not_matter(data: Any) -> None:
    title = data.draw(st.sampled_from([one for one in SURE if one[2] in ("iphone-15-pro-max", "sony-a7-iv")]))
    words = "".join(data.draw(st.sampled_from([letter, letter.upper(), letter.lower()])) for letter in title[0])
    words = words.replace(" ", data.draw(st.sampled_from([" ", "  ", "-", "\u3000"])))
    found = model_of(words, title[1], {})
    assert found is not None
    assert found.model.code == title[2]
