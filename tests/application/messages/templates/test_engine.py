"""A template says where texts go, and can do nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.templates.engine import fill, fill_html, parse
from queue_server.application.messages.templates.fields import checked
from queue_server.store.messages import Channel
from scheduling_core.errors import InvalidValue

FIELDS = frozenset({"patientName", "start", "link"})
HOSTILE = [
    "{patientName.__class__}",
    "{patientName.__class__.__mro__[1].__subclasses__}",
    "{patientName[0]}",
    "{patientName!r}",
    "{patientName:>10}",
    "{patientName:{start}}",
    "{patientname}",
    "{ patientName }",
    "{}",
    "{0}",
    "{unknown}",
    "{{{unknown}}}",
    "{patientName",
    "patientName}",
    "{patientName}}",
    "{{patientName}",
    "{'a'.upper()}",
    "{patientName}{",
]


@pytest.mark.parametrize("template", HOSTILE)
def test_whatever_is_no_field_of_the_kind_is_refused_where_it_stands(template: str) -> None:
    for where in ("subject", "body"):
        with pytest.raises(InvalidValue) as refused:
            parse(template, FIELDS, where)
        assert refused.value.field == where


def test_fields_are_replaced_by_texts_which_are_no_templates_themselves() -> None:
    template = parse("Hello {patientName}, {{as agreed}}: {start}", FIELDS, "body")
    facts = {"patientName": "{start} %s ${x} {{", "start": "today"}
    assert fill(template, facts, "en") == "Hello {start} %s ${x} {{, {as agreed}: today"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_template_or_refused_and_its_markup_never_comes_through(template: str, name: str) -> None:
    try:
        parsed = parse(template, FIELDS, "body")
    except InvalidValue:
        return
    html = fill_html(parsed, {"patientName": f"<script>{name}"}, action="Open")
    assert "<script" not in html


def test_markup_in_values_is_text_and_a_link_alone_in_its_line_is_a_button() -> None:
    template = parse("Hello {patientName}\n\n{link}\n\nor {link}", FIELDS, "body")
    facts = {"patientName": '"><img src=x>', "link": "https://clinic.example/t/a?b=1&c=2"}
    assert fill_html(template, facts, action="See & go") == (
        "<p>Hello <bdi>&quot;&gt;&lt;img src=x&gt;</bdi></p>\n"
        '<p><a class="button" href="https://clinic.example/t/a?b=1&amp;c=2">See &amp; go</a></p>\n'
        '<p>or <a href="https://clinic.example/t/a?b=1&amp;c=2">https://clinic.example/t/a?b=1&amp;c=2</a></p>'
    )


def test_what_is_empty_leaves_neither_blanks_nor_empty_lines() -> None:
    template = parse("One\n\n{start}\n\nTwo {link} \n{start}", FIELDS, "body")
    assert fill(template, {}, "en") == "One\n\nTwo"
    assert fill_html(template, {}, action="Open") == "<p>One</p>\n<p>Two</p>"


@pytest.mark.parametrize(
    ("language", "name", "isolated"), [("ar", "Dr. Weber", True), ("ar", "د. سامر", False), ("en", "سامر", True)]
)
def test_values_that_run_the_other_way_are_isolated_and_links_never(language: str, name: str, isolated: bool) -> None:
    template = parse("{patientName}: {link}", FIELDS, "body")
    text = fill(template, {"patientName": name, "link": "https://a.example"}, language)
    assert text == (f"\u2068{name}\u2069: https://a.example" if isolated else f"{name}: https://a.example")


@pytest.mark.parametrize(
    ("kind", "channel", "subject", "body", "field"),
    [
        (Kind.BOOKED, Channel.SMS, "", "x" * 481, "body"),
        (Kind.BOOKED, Channel.PUSH, "Title", "x" * 241, "body"),
        (Kind.BOOKED, Channel.EMAIL, "x" * 151, "Hello", "subject"),
        (Kind.BOOKED, Channel.EMAIL, "", "Hello", "subject"),
        (Kind.BOOKED, Channel.EMAIL, "Two\nlines", "Hello", "subject"),
        (Kind.BOOKED, Channel.EMAIL, "{link}", "Hello", "subject"),
        (Kind.BOOKED, Channel.SMS, "A subject", "Hello", "subject"),
        (Kind.BOOKED, Channel.SMS, "", "   ", "body"),
        (Kind.BOOKED, Channel.SMS, "", "Bell\x07", "body"),
        (Kind.BOOKED, Channel.SMS, "", "{respondBy}", "body"),
        (Kind.WAITLIST_INVITED, Channel.SMS, "", "Come at {start}", "body"),
        (Kind.MANUAL, Channel.SMS, "", "Hello {patientName}", "body"),
    ],
)
def test_what_a_channel_or_a_kind_cannot_take_is_refused_at_its_field(
    kind: Kind, channel: Channel, subject: str, body: str, field: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked(kind, channel, subject, body)
    assert refused.value.field == field
