"""A PDF of several pages: every line once, every row whole, nothing lost; the paper and the day that were asked for."""

from __future__ import annotations

import re
from datetime import date

import pypdfium2
import pytest

from tokentrack.ui import pdf, pdf_apart

DAY = date(2026, 11, 22)
POINTS = {"a4": (595, 842), "letter": (612, 792)}


def opened(html: str, paper: str = "a4") -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(pdf.render(html.encode(), "T", DAY, paper))


def pages(html: str, paper: str = "a4") -> list[str]:
    """The text of each, without the spaces and line ends that an engine may see between two signs."""
    return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in opened(html, paper)]


def table(lines: int, rows: int) -> str:
    """Each row names itself as often as it has lines, so a torn one stands on two pages."""
    cells = "".join(
        f"<tr><td>{'<br>'.join([f'w{n}e'] * (1 + n % lines))}</td><td>x{n}e</td><td></td><td>5%</td></tr>"
        for n in range(rows)
    )
    head = "<thead><tr><th>Work</th><th>Outcome</th><th>Evidence</th><th>Share</th></tr></thead>"
    return f"<html><body><h1>T</h1><table>{head}<tbody>{cells}</tbody></table><h2>After</h2><p>the last words</p></body></html>"


@pytest.mark.parametrize("paper", POINTS)
@pytest.mark.parametrize(("lines", "rows"), [(1, 70), (6, 36)])
def test_a_row_stands_whole_on_one_page_and_once(qapp: object, lines: int, rows: int, paper: str) -> None:
    told = pages(table(lines, rows), paper)
    assert len(told) > 1
    for n in range(rows):
        assert [
            (page.count(f"w{n}e"), page.count(f"x{n}e")) for page in told if f"{n}e" in re.findall(r"x(\d+e)", page)
        ] == [(1 + n % lines, 1)]
    assert "thelastwords" in told[-1]
    assert all("Evidence" in page for page in told if "5%" in page), "each page of it has its headings"


def test_how_far_it_is_is_told_page_after_page(qapp: object) -> None:
    shares: list[float] = []
    pdf.render(table(5, 60).encode(), "T", DAY, told=shares.append)
    assert len(shares) > 1
    assert shares == sorted({share for share in shares if 0 < share < 1})


def test_a_long_page_is_made_apart_as_it_is_made_here() -> None:
    """Longer than what a pipe holds at once."""
    html = f"<html><body><!-- {'long ' * 15_000} --><p>the last words 株</p></body></html>".encode()
    made = pdf_apart.make(pdf_apart.Order(html, "T", DAY, "letter", ""), print, lambda: True)
    (page,) = pypdfium2.PdfDocument(made.data)
    assert "the last words" in page.get_textpage().get_text_bounded()
    assert tuple(map(round, page.get_size())) == POINTS["letter"]
    assert made.unwritten == pdf.unwritten(html)


def test_a_page_that_nobody_wants_any_more_is_not_made() -> None:
    """Its process has ended then: a long one would run for many seconds."""
    order = pdf_apart.Order(table(6, 3000).encode(), "T", DAY, "a4", "")
    with pytest.raises(pdf_apart.Dropped):
        pdf_apart.make(order, print, lambda: False)


def test_no_line_stands_on_two_pages(qapp: object) -> None:
    """Qt draws the last line of the page before too, where nobody sees it and everybody selects it."""
    words = "".join(f"<p>a{n}e<br>b{n}e<br>c{n}e</p><ul><li>d{n}e<br>e{n}e</li></ul>" for n in range(60))
    told = pages(f"<html><body>{words}</body></html>")
    assert len(told) > 2
    assert [sum(page.count(f"{line}{n}e") for page in told) for n in range(60) for line in "abcde"] == [1] * 300


@pytest.mark.parametrize("paper", POINTS)
def test_paper_and_day_are_those_that_were_asked_for(qapp: object, paper: str) -> None:
    document = opened("<html><body><p>x</p></body></html>", paper)
    assert tuple(map(round, document[0].get_size())) == POINTS[paper]
    assert document.get_metadata_dict()["CreationDate"].startswith("D:20261122000000")


def test_a_symbol_that_no_font_has_is_told_by_its_name(qapp: object) -> None:
    """AC 49: readable, where it was a box. What is drawn as one is told as one; what a font has stays."""
    fist, circle = "\U0001d800", "\U0001d801"  # of SignWriting, which is on nobody's desktop
    [told] = pages(f"<html><body><p>a {fist}\u200d{circle} b {circle}\ufe0f c ✓ é x | y</p></body></html>")
    names = "signwritinghand-fistindex", "signwritinghand-circleindex"
    assert told.startswith(f"a[{names[0]},{names[1]}]b[{names[1]}]c✓éx|y")


def test_an_address_with_a_symbol_leads_to_where_it_leads(qapp: object) -> None:
    """The name of the symbol stands in the words alone; what no PDF can hold is told by its bytes."""
    fist = "\U0001d800"
    html = f'<html><body><p><a href="https://h.example/{fist}-page?a=1&amp;b=ü%20">see {fist}</a></p></body></html>'
    told = pdf.render(html.encode(), "T", DAY)
    assert b"/URI (https://h.example/%F0%9D%A0%80-page?a=1&b=%C3%BC%20)" in told
    assert "see[signwritinghand-fistindex]" in pages(html)[0]
    assert pdf.unwritten(b'<a href="https://h.example/\xf0\x96\xa0\x80">x</a>') == ""


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (
            "https://h.example/x)/S/JavaScript/JS(app.alert(1)",
            "https://h.example/x%29/S/JavaScript/JS%28app.alert%281%29",
        ),
        ("https://h.example/x_(draft", "https://h.example/x_%28draft"),
        ("https://h.example/a\\b", "https://h.example/a%5Cb"),
    ],
)
def test_ac49_an_address_stays_inside_its_string(qapp: object, address: str, written: str) -> None:
    """What a bracket ended would be read as the file's own: a script that runs, or a file that is broken."""
    told = pdf.render(f'<html><body><p><a href="{address}">x</a></p></body></html>'.encode(), "T", DAY)
    assert f"/URI ({written})".encode() in told
    assert b"/JavaScript/JS(" not in told


def test_letters_that_no_font_has_are_named_beside_the_page(qapp: object) -> None:
    """They cannot be told otherwise."""
    assert pdf.unwritten("<p>a é ש</p>".encode()) == ""
    assert pdf.boxes("") == ""
    assert pdf.unwritten("a\U00016800 \U00016801\U00016800".encode()) == "\U00016800\U00016801", (
        "Bamum, of nobody's desktop"
    )
    assert pdf.boxes("中文한") == "No font here has 3 of its letters (CJK and Hangul): in the PDF boxes stand for them."
    assert "one of its letters (Hebrew)" in pdf.boxes("ש")
