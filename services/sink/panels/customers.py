"""Customers whom we may lose, or who may go further. Pseudonyms only."""

from typing import Final

from services.sink.panels.definition import Kind, Panel

CUSTOMERS: Final = (
    Panel(
        "risk_kinds",
        "Customers at risk",
        "Customers of the last 30 days by their strongest risk.",
        "SELECT risk, count() AS customers FROM customers_at_risk GROUP BY risk ORDER BY customers DESC",
        Kind.ROWS,
        x="risk",
        y=("customers",),
    ),
    Panel(
        "repeat_contacts",
        "Repeated contacts",
        "How often customers of the last 30 days came back: each further contact makes leaving likelier.",
        """
        SELECT if(n >= 5, '5 and more', toString(n)) AS contacts, count() AS customers
        FROM (
            SELECT customer_key, count() AS n FROM complaints
            WHERE isNotNull(customer_key) AND occurred_at >= now64(3) - INTERVAL 30 DAY GROUP BY customer_key)
        GROUP BY contacts ORDER BY contacts
        """,
        Kind.ROWS,
        x="contacts",
        y=("customers",),
    ),
    Panel(
        "risk_list",
        "Call these first",
        "The fifteen customers at the highest risk, by pseudonym; the API finds the person for those who may.",
        """
        SELECT customer_key AS customer, risk, round(risk_score, 2) AS score, complaints, open,
            round(sentiment, 2) AS sentiment, main_category AS about, main_channel AS channel,
            toTimeZone(last_contact_at, 'Africa/Lagos') AS last_contact
        FROM customers_at_risk ORDER BY risk_score DESC, complaints DESC, last_contact_at DESC LIMIT 15
        """,
        Kind.TABLE,
        wide=True,
    ),
)
