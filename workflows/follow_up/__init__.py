"""Following up a year: its reports, and closing it body by body while the next goes on."""
