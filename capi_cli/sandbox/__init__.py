"""A local Graph endpoint that enforces Meta's documented rules, with faults on demand.

It shares the tables of fields and limits with the client, and no checking code: a mistake in one shows against the
other. `Sandbox` serves from threads of this process, `start_process` from a process of its own, `serve` for people.
"""
