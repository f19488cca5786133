"""Numbers, money, sizes and lists."""

from decimal import Decimal

import pytest

from workflows.language import Language, capital, file_size, listed, money, number

SV, EN = Language.SV, Language.EN
SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(18422, SV), f"18{SPACE}422"),
        (number(18422, EN), "18,422"),
        (number(Decimal("12.50"), SV), "12,5"),
        (number(Decimal("0.125"), EN), "0.125"),
        (money(1200, SV), f"1{SPACE}200{SPACE}kr"),
        (money(1200, EN), "SEK 1,200"),
        (file_size(0, SV), f"0{SPACE}byte"),
        (file_size(999, SV), f"999{SPACE}byte"),
        (file_size(1536, SV), f"1,5{SPACE}kB"),
        (file_size(52_428_800, EN), f"52{SPACE}MB"),
        (listed(["a", "b", "c"], SV), "a, b och c"),
        (listed(["a", "b"], EN), "a and b"),
        (listed([], SV), ""),
        (capital("tis 11 maj"), "Tis 11 maj"),
        (capital("T1 är NU"), "T1 är NU"),
        (capital(""), ""),
    ],
)
def test_a_value_is_written_as_people_write_it(said, expected):
    assert said == expected
