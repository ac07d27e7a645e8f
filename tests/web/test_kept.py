"""Pieces drawn once for equal facts; icons; QR codes in requests of their own."""

import jinja2
import pytest
from markupsafe import Markup

from xianji.web import render, texts
from xianji.web.kept import Kept, icons


@pytest.fixture
def environment() -> jinja2.Environment:
    made = jinja2.Environment(autoescape=True)
    made.globals.update(kept=Kept(), drawn=[])
    return made


def test_a_piece_is_drawn_once_for_equal_facts_and_anew_for_others(environment):
    page = environment.from_string(
        "{% macro card(c, big) %}{% if drawn.append(1) %}{% endif %}<b>{{ c.title }}{{ big }}</b>{% endmacro %}"
        "{{ kept(card, one, true) }}{{ kept(card, same, true) }}"
        "{{ kept(card, one, false) }}{{ kept(card, other, true) }}"
    )
    text = page.render(one={"title": "书 & 灯"}, same={"title": "书 & 灯"}, other={"title": "<i>"})
    assert text == "<b>书 &amp; 灯True</b><b>书 &amp; 灯True</b><b>书 &amp; 灯False</b><b>&lt;i&gt;True</b>"
    assert len(environment.globals["drawn"]) == 3


def test_macros_of_one_name_in_two_files_are_two_pieces():
    made = jinja2.Environment(
        autoescape=True,
        loader=jinja2.DictLoader(
            {
                "a": "{% macro card(c) %}a{{ c }}{% endmacro %}",
                "b": "{% macro card(c) %}b{{ c }}{% endmacro %}",
            }
        ),
    )
    made.globals.update(kept=Kept())
    page = made.from_string('{% import "a" as a %}{% import "b" as b %}{{ kept(a.card, 1) }}{{ kept(b.card, 1) }}')
    assert page.render() == "a1b1"


def test_an_icon_is_silent_without_a_label_and_escapes_it():
    icon = icons(lambda name: f"/assets/{name}")
    assert icon("x") == Markup('<svg class="icon" aria-hidden="true"><use href="/assets/icons.svg#i-x"/></svg>')
    assert icon("x", "s", '"a" & b') == (
        '<svg class="icon icon-s" role="img" aria-label="&#34;a&#34; &amp; b"><use href="/assets/icons.svg#i-x"/></svg>'
    )


def test_texts_escape_their_facts_and_speak_english():
    say, _ = texts.speakers("zh")
    spoken = texts.marked(say)
    assert spoken("还有 %(n)s 件，%%", n="<3>") == "还有 &lt;3&gt; 件，%"
    assert spoken("都在 100%%") == "都在 100%"
    english = render.environments()["en"].from_string("{{ _('这一页的二维码') }}")
    assert english.render() == "QR code of this page"


async def test_the_qr_code_of_a_page_is_a_picture_of_its_address(visitor):
    known = "itm_" + "0" * 26
    answer = await visitor.get(f"/qr/{known}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg xmlns=")
    assert "<script" not in answer.text
    assert (await visitor.get(f"/qr/nte_{'0' * 26}")).text != answer.text
    for wrong in ("mbr_" + "0" * 26, "itm_short", "x"):
        assert (await visitor.get(f"/qr/{wrong}")).status_code == 404
