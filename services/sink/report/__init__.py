"""The report: one HTML file without any reference outside itself, drawn from the panels' queries."""
