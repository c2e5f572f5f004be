# Strings of: error
# `key` says what happened, `.next` what the person can do. One sorted block per layer.

## engine

error-offline = Not connected to a grid.
    .next = Connect first; what you see stays usable meanwhile.
error-timeout = No answer in time while { $what }.
    .next = Try again; if it stays so, the grid's operator should look at the controller.
error-unreachable = { $target } cannot be reached: { $cause }
    .next = Check the network and the address. Gridwatch tries again by itself.

## store

error-store-full = The store is full: { $rows } rows are kept, newer incidents are not.
    .next = Restart Gridwatch to begin with an empty store.
error-store-poisoned = The store was left in an unknown state, so nothing more is written to it.
    .next = Restart Gridwatch.
