"""The verbs of the product. Each one: may they? - do it - write it down, in one transaction."""
