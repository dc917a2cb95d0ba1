"""HTTP in its parts: addresses, connections, bodies, robots.txt; see `flows.fetch`."""
