"""The verbs of the product. Each one: may they? - do it - write it down, in one transaction."""

import workflows.search.rows  # noqa: F401 (what can be found follows whatever a verb writes)
