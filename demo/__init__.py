"""The demonstration: sample input of all four channels through the real services, and a check of what came out."""
