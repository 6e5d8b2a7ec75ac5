"""The process of the SMPP receiver: settings, publisher, signals."""

import asyncio
import signal
import ssl

import uvloop

from services.ingest_sms.handler import GROUP
from services.ingest_sms.settings import SmppSettings
from services.ingest_sms.smpp.acceptor import Acceptor
from services.ingest_sms.smpp.pdu import bind_body
from services.ingest_sms.smpp.receiver import Backoff, Centre, Receiver
from services.ingest_sms.smpp.session import Limits
from services.runtime import health as health_server
from services.runtime import logs
from services.runtime.codec import codec_of
from services.runtime.errors import SettingsError
from services.runtime.health import Health
from services.runtime.publish import Publisher
from services.runtime.settings import load, read_secret, stop


def run() -> int:
    """Receive until SIGTERM or SIGINT."""
    settings = load(SmppSettings)
    logs.configure(GROUP, settings.log_level)
    try:
        settings.id_key()
        centre = centre_of(settings)
    except SettingsError as error:
        stop(str(error))
    uvloop.run(_receive(settings, centre))
    return 0


async def _receive(settings: SmppSettings, centre: Centre) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    health = Health()
    codec = codec_of(settings)
    async with Publisher(settings, GROUP, codec) as publisher:
        acceptor = Acceptor(publisher, settings.id_key(), codec.encode)
        backoff = Backoff(settings.smpp_reconnect_seconds, settings.smpp_reconnect_max_seconds)
        receiver = Receiver(centre, acceptor.accept, health, backoff)
        health_server.serve(health, settings)
        await receiver.run(stopping)


def centre_of(settings: SmppSettings) -> Centre:
    """Where to connect and how to log in. SettingsError when something is missing or wrong."""
    for name in ("smpp_host", "smpp_system_id"):
        if not getattr(settings, name):
            raise SettingsError(f"{name.upper()} is not set: the operator of the message centre gives it")
    path = settings.smpp_password_file
    password = read_secret(path, "SMPP_PASSWORD_FILE") if path else ""
    try:
        body = bind_body(settings.smpp_system_id, password, settings.smpp_system_type, settings.smpp_address_range)
    except ValueError as error:
        raise SettingsError(f"SMPP_SYSTEM_ID, its password, type or address range: {error}") from error
    limits = Limits(settings.smpp_enquire_link_seconds, settings.smpp_response_seconds, settings.smpp_window)
    return Centre(
        settings.smpp_host,
        settings.smpp_port,
        body,
        transceiver=settings.smpp_bind == "transceiver",
        tls=_tls(settings),
        limits=limits,
    )


def _tls(settings: SmppSettings) -> ssl.SSLContext | None:
    if not settings.smpp_tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.smpp_tls_ca_file)
    except OSError as error:
        raise SettingsError("SMPP_TLS_CA_FILE cannot be read as PEM certificates") from error
