"""The warehouse's schema: numbered SQL files, applied once and in order by services.sink.migrate."""
