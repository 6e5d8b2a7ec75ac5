"""What a competent user of Faust writes: an agent that sends each record on, bytes in, bytes out."""

import faust

from services.runtime.settings import ServiceSettings, load

settings = load(ServiceSettings)
app = faust.App(
    settings.topic("bench-plain"),
    broker=f"kafka://{settings.kafka_bootstrap_servers}",
    datadir=str(settings.data_dir / "bench-plain"),
    web_enabled=False,
    topic_partitions=1,
    topic_replication_factor=1,
    producer_acks=-1,
    producer_linger_ms=5,
    stream_buffer_maxsize=4096,
)
source = app.topic(settings.topic("bronze.realtime"), value_type=bytes, value_serializer="raw", key_serializer="raw")
target = app.topic(settings.topic("silver.batch"), value_type=bytes, value_serializer="raw", key_serializer="raw")


@app.agent(source)  # type: ignore[untyped-decorator]
async def pass_through(stream: faust.StreamT) -> None:
    """Send each record on."""
    async for event in stream.events():
        await target.send(key=event.key, value=event.value)
