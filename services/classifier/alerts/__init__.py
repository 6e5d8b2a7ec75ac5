"""Tells people: incidents and P1 complaints to a webhook, signed, at least once."""
