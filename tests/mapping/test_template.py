import pytest
from hypothesis import given
from hypothesis import strategies as st

from capi_cli.errors import ConfigurationError
from capi_cli.mapping.template import Part, Template


def test_text_and_columns_alternate():
    assert Template.parse("order-{order_id}/{n}").parts == (
        Part(text="order-"),
        Part(column="order_id"),
        Part(text="/"),
        Part(column="n"),
    )


def test_doubled_braces_stand_for_braces():
    assert Template.parse("{{{a}}}").parts == (Part(text="{"), Part(column="a"), Part(text="}"))
    assert Template.parse("{{a}}").parts == (Part(text="{a}"),)


def test_a_column_is_named_once_in_columns():
    assert Template.parse("{a}-{b}-{a}").columns == ("a", "b")


def test_names_are_trimmed_and_keep_their_inner_spaces():
    assert Template.parse("{ Order ID }").columns == ("Order ID",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order-{order_id", "character 7 that nothing closes"),
        ("order}-1", "character 6 that nothing opens"),
        ("{}", "names no column"),
        ("{ }", "names no column"),
        ("{a{b}", "second {"),
    ],
)
def test_a_broken_template_says_where(text, words):
    with pytest.raises(ConfigurationError) as caught:
        Template.parse(text)
    assert words in caught.value.message
    assert "order-{order_id}" in caught.value.hint


_literal = st.text(max_size=8)
_column = st.text(min_size=1, max_size=8).filter(lambda t: t.strip() and not set("{}") & set(t))


@given(st.lists(st.one_of(_literal, st.tuples(_column)), max_size=6))
def test_what_was_written_is_what_is_parsed(pieces):
    written, text, columns = "", "", []
    for piece in pieces:
        if isinstance(piece, tuple):
            written += "{" + piece[0] + "}"
            columns.append(piece[0].strip())
            text += "\0"
        else:
            written += piece.replace("{", "{{").replace("}", "}}")
            text += piece
    parts = Template.parse(written).parts
    assert [part.column for part in parts if part.column is not None] == columns
    assert "".join("\0" if part.column is not None else part.text for part in parts) == text


@given(st.text(max_size=30))
def test_any_text_is_a_template_or_a_configuration_error(text):
    try:
        template = Template.parse(text)
    except ConfigurationError as error:
        assert error.hint
    else:
        assert all(part.column or part.text for part in template.parts)
