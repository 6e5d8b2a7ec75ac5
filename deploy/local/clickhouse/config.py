"""The engine's own configuration: a memory cap and few threads, for a machine that runs everything else too."""

from pathlib import Path

_MEGABYTE = 1024 * 1024
_TEMPLATE = """<clickhouse>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <mark_cache_size>{cache}</mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <index_mark_cache_size>{cache}</index_mark_cache_size>
  <primary_index_cache_size>{cache}</primary_index_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>2</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>2</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>2</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
  <profiles><default>
    <max_threads>{threads}</max_threads>
    <max_insert_threads>1</max_insert_threads>
    <max_memory_usage>{query_memory}</max_memory_usage>
  </default></profiles>
</clickhouse>
"""


def write_config(folder: Path, memory_mb: int, threads: int) -> Path:
    """Write the configuration file of an engine that keeps its data in `folder`; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.xml"
    memory = memory_mb * _MEGABYTE
    text = _TEMPLATE.format(memory=memory, query_memory=memory * 3 // 4, cache=64 * _MEGABYTE, threads=threads)
    path.write_text(text, encoding="utf-8")
    return path
