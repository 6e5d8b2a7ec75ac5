"""How many complaints, where from, about what, when."""

from typing import Final

from services.sink.panels.definition import Kind, Panel

VOLUME: Final = (
    Panel(
        "volume_by_channel",
        "Complaints by channel",
        "Complaints in each period, Lagos time; reposts and non-complaints are not counted.",
        """
        SELECT period_start, channel, sum(complaints) AS complaints
        FROM complaint_volume
        WHERE period = '$period' AND $__dateFilter(period_start)
        GROUP BY period_start, channel ORDER BY period_start, channel
        """,
        Kind.BARS,
        x="period_start",
        y=("complaints",),
        series="channel",
        variables={"period": ("day", "week", "month", "quarter", "year")},
        wide=True,
    ),
    Panel(
        "average_by_channel",
        "Average per period and channel",
        "Mean number of complaints from a channel's first period to the newest of all, empty periods included.",
        """
        SELECT channel, average, complaints, periods
        FROM complaint_volume_average WHERE period = '$period' ORDER BY average DESC
        """,
        Kind.ROWS,
        x="channel",
        y=("average",),
        variables={"period": ("day", "week", "month", "quarter", "year")},
    ),
    Panel(
        "category_pareto",
        "Categories, largest first",
        "The few categories that make most of the complaints; the line adds their shares up.",
        """
        SELECT category, sum(complaints) AS complaints
        FROM complaint_volume WHERE period = 'day' AND $__dateFilter(period_start)
        GROUP BY category HAVING complaints > 0 ORDER BY complaints DESC
        """,
        Kind.PARETO,
        x="category",
        y=("complaints",),
    ),
    Panel(
        "priorities",
        "Priorities",
        "P1 (at once) to P5, by impact and urgency; stacked by channel.",
        """
        SELECT priority, channel, sum(complaints) AS complaints
        FROM complaint_volume WHERE period = 'day' AND $__dateFilter(period_start)
        GROUP BY priority, channel HAVING complaints > 0 ORDER BY priority, channel
        """,
        Kind.BARS,
        x="priority",
        y=("complaints",),
        series="channel",
    ),
    Panel(
        "hour_by_weekday",
        "Hour by weekday",
        "When customers complain, Lagos time: staff the desks accordingly.",
        """
        SELECT toDayOfWeek(lagos) AS weekday, toHour(lagos) AS hour, sum(complaints) AS complaints
        FROM (
            SELECT toTimeZone(hour, 'Africa/Lagos') AS lagos, complaints
            FROM complaint_hours FINAL WHERE $__timeFilter(hour))
        GROUP BY weekday, hour ORDER BY weekday, hour
        """,
        Kind.HEATMAP,
        x="hour",
        y=("complaints",),
        series="weekday",
    ),
    Panel(
        "states",
        "States",
        "Where complaints come from, as far as text, form or network tag say.",
        """
        SELECT if(state = '', 'unknown', state) AS state, sum(complaints) AS complaints
        FROM complaint_volume WHERE period = 'day' AND $__dateFilter(period_start)
        GROUP BY state HAVING complaints > 0 ORDER BY complaints DESC LIMIT 15
        """,
        Kind.ROWS,
        x="state",
        y=("complaints",),
    ),
    Panel(
        "languages",
        "Languages",
        "Language of the messages: English, Pidgin, Yoruba, Hausa, Igbo, others.",
        """
        SELECT transform(language, ['en', 'pcm', 'yo', 'ha', 'ig'],
                ['English', 'Pidgin', 'Yoruba', 'Hausa', 'Igbo'], 'other') AS name,
            count() AS messages
        FROM complaints WHERE $__timeFilter_ms(received_at) GROUP BY name ORDER BY messages DESC
        """,
        Kind.ROWS,
        x="name",
        y=("messages",),
    ),
)
