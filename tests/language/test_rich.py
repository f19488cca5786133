"""The little Markdown that people may type."""

import pytest

from workflows.language.rich import Block, Span, rich


def paragraph(*spans):
    return (Block("paragraph", (spans,)),)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ()),
        ("Hej", paragraph(Span("Hej"))),
        ("a\nb", paragraph(Span("a"), Span("\n"), Span("b"))),
        ("a\n\nb", paragraph(Span("a")) + paragraph(Span("b"))),
        ("**a** b", paragraph(Span("a", bold=True), Span(" b"))),
        ("*a* 5 * 3", paragraph(Span("*"), Span("a"), Span("*"), Span(" 5 * 3"))),
        ("# a", paragraph(Span("# a"))),
        ("<b>a</b>", paragraph(Span("<b>a</b>"))),
        ("[a](https://b.se)", paragraph(Span("a", href="https://b.se"))),
        ("[a](mailto:b@c.se)", paragraph(Span("a", href="mailto:b@c.se"))),
        ("[a](data:text/html,x)", paragraph(Span("[a](data:text/html,x)"))),
        ("[a](//evil.se)", paragraph(Span("a"))),
        ("[a](javascript:b)", paragraph(Span("[a](javascript:b)"))),
        ("- a\n- b\n  - c", (Block("bullets", ((Span("a"),), (Span("b"),), (Span("c"),))),)),
        ("1. a\n2. b", (Block("numbers", ((Span("a"),), (Span("b"),))),)),
        ("- a\n\n  b", (Block("bullets", ((Span("a"), Span("\n"), Span("b")),)),)),
    ],
)
def test_only_paragraphs_lists_bold_and_links_mean_anything(typed, read):
    assert rich(typed) == read
