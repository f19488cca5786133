"""The application that holds the flow: Viewflow finds flows by it."""
