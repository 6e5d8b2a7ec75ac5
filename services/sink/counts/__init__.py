"""The statements that count units of the facts again; latest.sql is the part they share."""
