"""The proof that nothing was lost on the way and nothing came twice, or the names of what is missing."""
