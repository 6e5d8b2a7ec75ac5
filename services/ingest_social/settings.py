"""Settings of ingest_social. Secrets come from files; a network without its secret is not served, or not polled."""

from pathlib import Path

from pydantic import Field

from services.runtime.settings import ServiceSettings, read_secret


class IngestSocialSettings(ServiceSettings):
    """What ingest_social reads beside the settings of every service."""

    ingest_social_host: str = Field("0.0.0.0", description="Address to listen on.")  # noqa: S104
    ingest_social_port: int = Field(8082, ge=1, le=65_535, description="Port to listen on.")
    own_accounts: list[str] = Field(
        [], description='The operator\'s own accounts as JSON list, e.g. ["x:beejan"]: what they write is ignored.'
    )
    meta_app_secret_file: Path | None = Field(
        None, description="Meta: app secret that signs webhooks; empty: unchecked."
    )
    meta_verify_token_file: Path | None = Field(None, description="Meta: token of the webhook's verification.")
    x_consumer_secret_file: Path | None = Field(None, description="X: consumer secret that signs webhooks.")
    x_bearer_token_file: Path | None = Field(None, description="X: bearer token; without it nothing is searched.")
    x_base_url: str = Field("https://api.x.com", description="X: where the API is.")
    x_query: str = Field(
        "(@beejan OR #beejan) -is:retweet", description="X: what to search for, in X's own query language."
    )
    social_feeds_file: Path | None = Field(
        None, description="YAML file of feeds to read and of what to watch for (docs/sources.md)."
    )
    x_poll_seconds: float = Field(60.0, gt=0, le=86_400, description="X: pause between two searches.")

    def own(self) -> frozenset[str]:
        """The operator's own accounts in lower case, without @."""
        return frozenset(name.casefold().replace(":@", ":") for name in self.own_accounts)

    def secret(self, name: str) -> bytes | None:
        """Content of the secret file that a setting names; None where it is not set. SettingsError when unreadable."""
        path: Path | None = getattr(self, name)
        return read_secret(path, name.upper()).encode() if path else None
