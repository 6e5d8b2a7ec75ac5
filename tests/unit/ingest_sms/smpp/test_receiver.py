"""The receiver against a message centre on a socket, with a broker that is a list."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.domain.identity import IdKey
from services.ingest_sms.settings import SmppSettings
from services.ingest_sms.smpp.acceptor import Acceptor
from services.ingest_sms.smpp.pdu import BadPdu, bind_body, header
from services.ingest_sms.smpp.receiver import Backoff, Centre, Receiver
from services.ingest_sms.smpp.serve import centre_of
from services.ingest_sms.smpp.session import Limits
from services.runtime.codec import Codec
from services.runtime.errors import BrokerBusy, SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publication
from tests.unit.ingest_sms.smpp.centre import DELIVER_SM, ENQUIRE_LINK, UNBIND, MessageCentre, text_pdu

CODEC = Codec()
IDS = IdKey(b"0123456789abcdef")
QUICK = Limits(enquire_link=60.0, answer=5.0, window=4)


class Broker:
    """Keeps what is published, holds it back, or refuses it."""

    def __init__(self) -> None:
        self.records: list[Publication] = []
        self.busy = False
        self.open = asyncio.Event()
        self.open.set()

    async def publish(self, records: Sequence[Publication]) -> None:
        await self.open.wait()
        if self.busy:
            raise BrokerBusy("the broker did not confirm in time")
        self.records += records

    def values(self, topic: str, record: str) -> list[dict[str, Any]]:
        return [CODEC.decode(record, found.value) for found in self.records if found.topic == topic]


class Rig:
    """A centre, a broker, and the receiver between them."""

    def __init__(self, centre: MessageCentre, limits: Limits) -> None:
        self.centre = centre
        self.broker = Broker()
        self.health = Health()
        self.stopping = asyncio.Event()
        acceptor = Acceptor(self.broker, IDS, CODEC.encode)
        where = Centre("127.0.0.1", centre.port, bind_body("beejan", "secret", "", ""), limits=limits)
        self.receiver = Receiver(where, acceptor.accept, self.health, Backoff(0.01, 0.02))


@contextlib.asynccontextmanager
async def rig(limits: Limits = QUICK, **options: Any) -> AsyncIterator[Rig]:
    async with MessageCentre(**options) as centre:
        found = Rig(centre, limits)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(found.receiver.run(found.stopping))
            try:
                if not centre.bind_status:
                    await centre.bound.wait()
                yield found
            finally:
                found.stopping.set()


def with_rig(check: Callable[[Rig], Awaitable[None]], limits: Limits = QUICK, **options: Any) -> None:
    async def go() -> None:
        async with rig(limits, **options) as found:
            await check(found)

    asyncio.run(go())


def test_binds_as_transceiver_with_its_login() -> None:
    async def check(found: Rig) -> None:
        assert found.centre.binds == [b"beejan\x00secret\x00\x00\x34\x00\x00\x00"]

    with_rig(check)


def test_a_message_is_answered_when_the_broker_has_it() -> None:
    async def check(found: Rig) -> None:
        found.broker.open.clear()
        sequence = found.centre.send(DELIVER_SM, text_pdu(b"No network"))
        link = found.centre.send(ENQUIRE_LINK)
        await found.centre.answer(link, ENQUIRE_LINK)
        assert not [pdu for pdu in found.centre.seen if pdu[2] == sequence]
        found.broker.open.set()
        assert await found.centre.answer(sequence, DELIVER_SM) == (0x80000005, 0, sequence, b"\x00")
        [event] = found.broker.values("bronze.realtime", "BronzeEvent")
        assert (event["source"], event["text"], event["payload"]) == ("sms:smpp", "No network", text_pdu(b"No network"))

    with_rig(check)


def test_ucs2_reaches_the_event() -> None:
    async def check(found: Rig) -> None:
        assert await found.centre.deliver(text_pdu("Ẹ káàárọ̀ 😡".encode("utf-16-be"), coding=8)) == 0
        assert found.broker.values("bronze.realtime", "BronzeEvent")[0]["text"] == "Ẹ káàárọ̀ 😡"

    with_rig(check)


def test_parts_share_a_key_in_the_topic_that_joins_them() -> None:
    async def check(found: Rig) -> None:
        for number in (1, 2):
            part = bytes((5, 0, 3, 42, 2, number)) + b"part"
            assert await found.centre.deliver(text_pdu(part, esm_class=0x40)) == 0
        assert [record.topic for record in found.broker.records] == ["ingest.sms", "ingest.sms"]
        assert len({record.key for record in found.broker.records}) == 1

    with_rig(check)


def test_a_receipt_is_answered_and_not_kept() -> None:
    async def check(found: Rig) -> None:
        assert await found.centre.deliver(text_pdu(b"id:1 stat:DELIVRD", esm_class=4)) == 0
        assert found.broker.records == []

    with_rig(check)


def test_what_cannot_be_read_is_a_dead_letter_with_its_bytes() -> None:
    async def check(found: Rig) -> None:
        assert await found.centre.deliver(b"\x00torn") == 0
        [letter] = found.broker.values("dead-letters", "DeadLetter")
        assert (letter["reason"], letter["value"]) == ("malformed", b"\x00torn")

    with_rig(check)


def test_a_fault_of_ours_on_one_message_is_a_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ZeroDivisionError("08031234567")

    monkeypatch.setattr("services.ingest_sms.smpp.delivery.decode", fail)

    async def check(found: Rig) -> None:
        assert await found.centre.deliver(text_pdu(b"No network")) == 0
        [letter] = found.broker.values("dead-letters", "DeadLetter")
        assert (letter["reason"], letter["detail"]) == ("handler_failed", "ZeroDivisionError")

    with_rig(check)


def test_the_centre_is_told_to_try_again_while_the_broker_is_away() -> None:
    async def check(found: Rig) -> None:
        found.broker.busy = True
        assert await found.centre.deliver(text_pdu(b"No network")) == 0x64
        found.broker.busy = False
        assert await found.centre.deliver(text_pdu(b"No network")) == 0

    with_rig(check)


def test_messages_wait_for_the_broker_together() -> None:
    async def check(found: Rig) -> None:
        found.broker.open.clear()
        sequences = [found.centre.send(DELIVER_SM, text_pdu(b"No network %d" % number)) for number in range(10)]
        found.broker.open.set()
        for sequence in sequences:
            assert (await found.centre.answer(sequence, DELIVER_SM))[1] == 0
        assert len(found.broker.records) == 10

    with_rig(check)


def test_an_unknown_command_is_refused_and_the_session_goes_on() -> None:
    async def check(found: Rig) -> None:
        sequence = found.centre.send(0x00010200)
        assert await found.centre.awaited(lambda pdu: pdu[2] == sequence) == (0x80000000, 3, sequence, b"")
        assert await found.centre.deliver(text_pdu(b"hi")) == 0

    with_rig(check)


def test_a_silent_link_is_tested_and_kept_when_answered() -> None:
    async def check(found: Rig) -> None:
        await found.centre.awaited(lambda pdu: pdu[0] == ENQUIRE_LINK and pdu[2] >= 3)  # the second test
        assert len(found.centre.binds) == 1

    with_rig(check, Limits(enquire_link=0.02, answer=5.0))


@pytest.mark.parametrize("how", ["drop", "unbind", "garbage", "silence"])
def test_binds_again_after_the_session_ends(how: str) -> None:
    async def check(found: Rig) -> None:
        centre = found.centre
        centre.bound.clear()
        if how == "drop":
            centre.drop()
        elif how == "unbind":
            sequence = centre.send(UNBIND)
            await centre.answer(sequence, UNBIND)
        elif how == "garbage":
            centre.write_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await centre.bound.wait()
        centre.answers_links = True
        assert await centre.deliver(text_pdu(b"still there")) == 0
        assert len(centre.binds) >= 2

    silent = how == "silence"
    with_rig(check, Limits(enquire_link=0.02, answer=0.3) if silent else QUICK, answers_links=not silent)


def test_a_refused_bind_is_tried_again_and_said() -> None:
    async def check(found: Rig) -> None:
        await found.centre.awaited(lambda pdu: pdu[0] == 9)
        while len(found.centre.binds) < 3:
            await asyncio.sleep(0.005)
        ready, parts = found.health.readiness()
        assert not ready
        assert "ESME_RINVPASWD" in parts["smpp"]
        assert "secret" not in parts["smpp"]

    with_rig(check, bind_status=0x0E)


def test_stopping_finishes_what_is_under_way_and_unbinds() -> None:
    async def go() -> None:
        async with rig() as found:
            found.broker.open.clear()
            sequence = found.centre.send(DELIVER_SM, text_pdu(b"the last one"))
            await found.centre.answer(found.centre.send(ENQUIRE_LINK), ENQUIRE_LINK)
            assert found.health.readiness()[0]
            found.stopping.set()
            for _ in range(3):
                await found.centre.answer(found.centre.send(ENQUIRE_LINK), ENQUIRE_LINK)
            found.broker.open.set()
            await found.centre.answer(sequence, DELIVER_SM)
            await found.centre.awaited(lambda pdu: pdu[0] == UNBIND)
        order = [pdu[0] for pdu in found.centre.seen]
        assert order.index(0x80000005) < order.index(UNBIND)

    asyncio.run(go())


def test_a_length_that_cannot_be_is_told() -> None:
    with pytest.raises(BadPdu, match="bytes"):
        header(b"HTTP/1.1 400 Bad"[:16])


def test_settings_that_are_missing_or_wrong_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SMPP_HOST"):
        centre_of(SmppSettings())
    password = tmp_path / "password"
    password.write_text("pässword")
    with pytest.raises(SettingsError, match="ASCII") as wrong:
        centre_of(SmppSettings(smpp_host="smsc", smpp_system_id="beejan", smpp_password_file=password))
    assert "pässword" not in str(wrong.value)
