"""A board's decision as it is recorded, and the three ways in which it is not the end."""

DECIDED: dict[str, object] = {
    "decision_title": "RSA 2027", "decided_by": "board", "recorded_as": "secretary",
    "meeting_date": "2027-10-21",
    "paragraph": "§ 1", "outcome": "approved", "decision_text": "Godkänns.",
    "extract_reference": "FAR 2027/9",
}  # fmt: skip
TABLED: dict[str, object] = {"outcome": "tabled", "decision_text": "Bordläggs."}
BACK: dict[str, object] = {
    "outcome": "referred_back", "decision_text": "Återremitteras.",
    "board_points": [{"point": "Vad kostar det?"}],
}  # fmt: skip
