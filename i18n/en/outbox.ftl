# Reports on their way.

outbox-no-random = This system gives no random numbers, so the report cannot be given an id of its own.
    .next = Look at the system's health; try again after a restart.
