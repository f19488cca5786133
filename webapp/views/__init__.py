"""What answers each address: load, call one verb, redirect or render."""
