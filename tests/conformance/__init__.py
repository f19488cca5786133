"""Diagrams whose right behaviour is known, held against the engine and against stock."""
