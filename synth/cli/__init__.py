"""Talks to people: parses a call, runs one step, prints."""
