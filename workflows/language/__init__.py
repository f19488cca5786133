"""What people read: texts, dates, numbers and order, in Swedish and English."""

from workflows.language.dates import (
    ZONE,
    clock,
    day,
    day_span,
    deadline,
    local,
    long_day,
    moment,
    month_names,
    near_day,
    near_moment,
    on,
    short_day,
)
from workflows.language.order import fold, sort_key
from workflows.language.sentences import Sentence, counted, spoken
from workflows.language.translate import LOCALES, N_, Language, translator
from workflows.language.values import capital, file_size, listed, money, number

__all__ = [
    "LOCALES",
    "N_",
    "ZONE",
    "Language",
    "Sentence",
    "capital",
    "clock",
    "counted",
    "day",
    "day_span",
    "deadline",
    "file_size",
    "fold",
    "listed",
    "local",
    "long_day",
    "moment",
    "money",
    "month_names",
    "near_day",
    "near_moment",
    "number",
    "on",
    "short_day",
    "sort_key",
    "spoken",
    "translator",
]
