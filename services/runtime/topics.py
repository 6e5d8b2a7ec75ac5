"""Every topic: what it holds, how long, how many partitions. Logical names; TOPIC_PREFIX is added by settings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic

from services.runtime import kafka
from services.runtime.errors import BrokerBusy, PipelineError
from services.runtime.settings import KafkaSettings

DAY_MS: Final = 86_400_000
MEBIBYTE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the pipeline."""

    name: str
    record: str
    """Name of the Avro record that its values are."""
    retention_ms: int
    """How long records are kept; for a compacted topic: how long a deleted key stays visible."""
    max_bytes: int = 2 * MEBIBYTE
    """Largest value a producer of ours may write."""
    partitions: int | None = None
    """Fixed number of partitions; None: as the setting TOPIC_PARTITIONS says."""
    compacted: bool = False

    def config(self) -> dict[str, str]:
        """The topic's configuration as Kafka names it."""
        settings = {
            "message.timestamp.type": "LogAppendTime",
            # room for key, headers and the batch's frame above the largest value
            "max.message.bytes": str(self.max_bytes + MEBIBYTE // 4),
        }
        if self.compacted:
            return settings | {"cleanup.policy": "compact", "delete.retention.ms": str(self.retention_ms)}
        return settings | {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


_ALL: Final = (
    Topic("ingest.sms", "SmsMessage", 7 * DAY_MS, MEBIBYTE),
    Topic("ingest.social", "SocialPost", 7 * DAY_MS, MEBIBYTE),
    Topic("ingest.status", "StatusUpdate", 7 * DAY_MS, MEBIBYTE),
    Topic("ingest.sms.parts", "SmsMessage", DAY_MS, MEBIBYTE),
    Topic("ingest.social.feeds", "FeedCursor", 7 * DAY_MS, MEBIBYTE, compacted=True),
    Topic("bronze.realtime", "BronzeEvent", 7 * DAY_MS),
    Topic("bronze.batch", "BronzeEvent", 7 * DAY_MS),
    Topic("silver.realtime", "SilverEvent", 30 * DAY_MS),
    Topic("silver.batch", "SilverEvent", 30 * DAY_MS),
    Topic("gold.realtime", "GoldEvent", 30 * DAY_MS),
    Topic("gold.batch", "GoldEvent", 30 * DAY_MS),
    Topic("observations", "Observation", 7 * DAY_MS, partitions=1),
    Topic("incidents", "Incident", 7 * DAY_MS, partitions=1, compacted=True),
    Topic("erasures", "Erasure", 30 * DAY_MS, partitions=1, compacted=True),
    Topic("dead-letters", "DeadLetter", 30 * DAY_MS, 4 * MEBIBYTE),
    Topic("ledger", "LedgerEntry", 30 * DAY_MS),
    # a day longer than the windows that they restore
    Topic("cleaner-dedup-changelog", "CleanerState", 8 * DAY_MS),
    Topic("classifier-contacts-changelog", "ClassifierState", 31 * DAY_MS),
)
TOPICS: Final = {topic.name: topic for topic in _ALL}


def ensure(settings: KafkaSettings, names: Iterable[str] = tuple(TOPICS), timeout: float = 30.0) -> list[str]:
    """Create the topics that are missing; names of those created. BrokerBusy when the broker does not answer."""
    wanted = {settings.topic(name): TOPICS[name] for name in names}
    admin = kafka.admin(settings)
    try:
        missing = [name for name in wanted if name not in admin.list_topics(timeout=timeout).topics]
        if not missing:
            return []
        made = admin.create_topics([_new(settings, name, wanted[name]) for name in missing], request_timeout=timeout)
    except KafkaException as error:
        raise BrokerBusy(
            f"no broker at {settings.kafka_bootstrap_servers}: start one (make up) or set KAFKA_BOOTSTRAP_SERVERS"
        ) from error
    for name, future in made.items():
        try:
            future.result(timeout=timeout)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise PipelineError(f"topic {name} could not be created: {error.args[0].name()}") from error
    return missing


def _new(settings: KafkaSettings, name: str, topic: Topic) -> NewTopic:
    return NewTopic(
        name,
        num_partitions=topic.partitions or settings.topic_partitions,
        replication_factor=settings.topic_replication,
        config=topic.config(),
    )
