"""ClickHouse's engine (chDB) behind ClickHouse's HTTP interface: the warehouse of the local stack.

One process owns the data folder; any client that speaks to a ClickHouse server over HTTP speaks to it unchanged.
"""
