"""All that one run of the demo sends, and what the warehouse must hold afterwards."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from demo import call_center, faults, meta, sms, social_topic
from demo.deliveries import Delivery, Occasion
from demo.messages import Entry, Form, Post, Sms, read
from demo.x_search import RecentSearch
from services.runtime.codec import Codec

OUTAGE_PLACE = "Lagos/Ikorodu"
"""Where the customers of sms/burst.jsonl are."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be found once everything has arrived. Every count is exact."""

    events: Counter[str]
    """Events in the warehouse by channel: each revision of a complaint is one."""
    redelivered: int
    """Second deliveries that the cleaner must drop."""
    reposts: int
    """Events that must be marked as repeats of an earlier one."""
    dead: Counter[str]
    """Dead letters by reason."""
    refused: int
    """Requests that must be answered with 4xx."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one run sends."""

    first: list[Delivery]
    """In the order in which it was written."""
    then: list[Delivery]
    """After the first have been accepted: second deliveries, edits, removals, broken input."""
    search: RecentSearch
    forms: list[Form]
    expected: Expected
    identifiers: frozenset[str]
    """Telephone numbers and e-mail addresses of all senders: none of them may be found in the warehouse."""
    intended: dict[str, str]
    """Text of an SMS or a post to the category that its author meant, or "none"."""


@dataclass(slots=True)
class _Sending:
    """Collects deliveries with the moment at which each was written."""

    occasion: Occasion
    first: list[tuple[int, Delivery]] = field(default_factory=list)
    then: list[Delivery] = field(default_factory=list)
    redelivered: int = 0

    def add(self, entry: Entry, delivery: Delivery) -> None:
        self.first.append((self.occasion.at(entry), delivery))
        self.then += [delivery] * (entry.sent - 1)
        self.redelivered += entry.sent - 1


def make(occasion: Occasion, codec: Codec, history_rows: int = 0) -> Plan:
    """Read the sample input and make it into requests, records and files of one run.

    history_rows: complaints of a further call-centre export that is loaded too.
    """
    sending = _Sending(occasion)
    texts = _send_sms(sending, codec)
    tweets = read(Post, "social/x")
    comments, photos, posts = (read(Post, f"social/{name}") for name in ("facebook", "instagram", "topic"))
    for comment in comments:
        sending.add(comment, meta.facebook(comment, occasion))
        if comment.edited:
            sending.then.append(meta.edited(comment, occasion))
        if comment.removed:
            sending.then.append(meta.removed(comment, occasion))
    sending.first.append((occasion.at(photos[0]), meta.instagram(photos, occasion)))
    for post in posts:
        sending.add(post, social_topic.record(post, occasion, codec))
        if post.edited:
            sending.then.append(social_topic.edited(post, occasion, codec))
    bad_requests, bad_records = faults.requests(), faults.records()
    sending.then += [fault.call(occasion) for fault in bad_requests]
    sending.then += [fault.record(codec) for fault in bad_records]

    messages: list[Sms | Post] = [*texts, *tweets, *comments, *photos, *posts]
    forms = read(Form, "web_forms/requests")
    events = Counter({"sms": len(texts), "x": len(tweets), "instagram": len(photos), "web_form": len(forms)})
    events.update(post.network for post in posts)
    events["facebook"] += len(comments)
    for post in (*comments, *posts):
        events[post.network or "facebook"] += bool(post.edited) + post.removed
    events["web_form"] += sum(bool(form.then) for form in forms)
    events["call_center"] += history_rows
    dead = Counter(fault.dead for fault in (*bad_requests, *bad_records) if fault.dead)
    for export in call_center.EXPORTS:
        found = call_center.contents(export, occasion.now)
        events["call_center"] += found.accepted + found.added + found.revised
        dead.update(found.dead)
    return Plan(
        first=[delivery for _, delivery in sorted(sending.first, key=lambda pair: pair[0])],
        then=sending.then,
        search=RecentSearch(tweets, occasion),
        forms=forms,
        expected=Expected(
            events=events,
            redelivered=sending.redelivered,
            reposts=sum(bool(entry.repost_of) for entry in (*messages, *forms))
            + sum(len(export.reposts) for export in call_center.EXPORTS),
            dead=dead,
            refused=sum(fault.answer >= 400 for fault in bad_requests),
        ),
        identifiers=_identifiers(texts, forms),
        intended={entry.text: entry.about for entry in messages},
    )


SMS_FILES = ("africastalking", "twilio", "generic", "topic-avro", "topic-json", "burst")


def _send_sms(sending: _Sending, codec: Codec) -> list[Sms]:
    texts = []
    for name in SMS_FILES:
        for message in read(Sms, f"sms/{name}"):
            texts.append(message)
            if name == "topic-avro":
                delivery: Delivery = sms.avro_record(message, sending.occasion, codec)
            else:
                delivery = sms.WAYS[message.via or name.removesuffix("-json")](message, sending.occasion)
            sending.add(message, delivery)
    return texts


def _identifiers(texts: Sequence[Sms], forms: Sequence[Form]) -> frozenset[str]:
    """Numbers without their first zero, so that they are found in international form too; addresses."""
    found = {message.sender[1:] for message in texts}
    for form in forms:
        found |= {form.phone[1:]} if form.phone else set()
        found |= {form.email} if form.email else set()
    return frozenset(found)
