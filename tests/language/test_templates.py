"""No template says anything to a person but through the catalogs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).parents[2] / "webapp" / "templates"
READ_ALOUD = frozenset({"title", "aria-label", "aria-description", "placeholder", "alt", "data-l"})
BRAND = "Årshjul"
OWN_NAMES = frozenset({"Svenska", "English"})  # a language is called what it calls itself
EXPRESSION = "\ue000"
LETTERS = re.compile(r"[^\W\d_]")
ATTRIBUTES = re.compile(r'(?:\s*[a-z-]+="[^"]*")+\s*')  # what a macro used inside a tag makes
SENTENCE = re.compile(r"[A-ZÅÄÖ][a-zåäö]")
TRANSLATES = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})


def untranslated(source: str) -> list[str]:
    """Find every literal text in a template that a person would read."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    tree = environment.parse(source)
    page = _Page()
    page.feed("".join(_pieces(tree)))
    page.close()
    return page.found + [text for text in _constants(tree) if is_said(text)]


def is_said(constant: str) -> bool:
    """Whether a text inside an expression is for people to read, rather than a name or a class."""
    return bool(SENTENCE.match(constant)) and constant not in OWN_NAMES


def _pieces(node):
    """Write the template as HTML, with a sign where an expression stands."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Expr):
            yield EXPRESSION if isinstance(node, nodes.Output) else ""
        else:
            yield from _pieces(child)


def _constants(node):
    """Find the texts inside expressions, but for those given to gettext."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Call) and getattr(child.node, "name", "") in TRANSLATES:
            for given in child.kwargs:
                yield from _constants(given)
        elif isinstance(child, nodes.Const) and isinstance(child.value, str):
            yield child.value
        else:
            yield from _constants(child)


class _Page(HTMLParser):
    """Collects what is read; what stands under a `lang` of its own is a language's own name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attrs):
        own = tag != "html" and any(name == "lang" for name, _ in attrs)
        self.open.append((tag, own))
        for name, value in attrs:
            is_read = name in READ_ALOUD or (name == "value" and ("type", "submit") in attrs)
            if is_read and not own:
                self._read(value or "")

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        hidden = any(tag in {"script", "style"} or own for tag, own in self.open)
        if not hidden:
            self._read(data)

    def _read(self, text):
        bare = text.replace(EXPRESSION, "").replace(BRAND, "")
        if LETTERS.search(bare) and not ATTRIBUTES.fullmatch(bare):
            self.found.append(" ".join(bare.split()))


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "<p>{{ name }} wrote</p>",
        "{% if x %}<p>Hi</p>{% endif %}",
        '<a title="More">{{ _("more") }}</a>',
        '<input placeholder="{{ x }} kr">',
        '<input type="submit" value="Send">',
        '{{ ui.button("Send") }}',
        '{{ _("%(a)s", a="Nobody") }}',
        '{% set lead = "Nothing here" %}',
    ],
)
def test_a_text_outside_the_catalogs_is_found(source):
    assert untranslated(source)


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ _('Hello') }} – {{ name }}, 12</p>",
        "{% trans name=who %}Hello {{ name }}{% endtrans %}",
        '<button lang="en">English</button>',
        '<p class="Big" id="Nose">{{ ui.button(_("Send"), kind="main") }}</p>',
        "<b>Årshjul</b>",
        '{% macro about(x) %} id="{{ x }}" aria-required="true"{% endmacro %}',
        "{# A note #}<script>var Word</script>",
    ],
)
def test_a_text_from_the_catalogs_is_not_complained_of(source):
    assert untranslated(source) == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_the_template_says_nothing_but_through_the_catalogs(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_the_template_has_nothing_inline_that_the_security_policy_stops(path):
    source = path.read_text(encoding="utf-8")
    if path.parent.name == "evidence":  # taken away in a package, where no policy of ours holds
        source = source.replace("<style>", "")
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+=|javascript:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
