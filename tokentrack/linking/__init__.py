"""Which task a session may belong to, from plain facts: nothing here reads a store, a log or a repository."""
