# Strings of: error
# `key` says what happened, `.next` what the person can do. One sorted block per layer.

## engine

error-offline = Not connected to a grid.
    .next = Connect first; what you see stays usable meanwhile.
error-timeout = No answer in time while { $what }.
    .next = Try again; if it stays so, the grid's operator should look at the controller.
error-unreachable = { $target } cannot be reached: { $cause }
    .next = Check the network and the address. Gridwatch tries again by itself.

## settings

error-settings-newer = The settings in { $path } were written by a newer Gridwatch (version { $version }).
    .next = They are read as far as this version understands them and are not changed. Use the newer Gridwatch to change them.
error-settings-no-home = There is no home directory to keep settings in.
    .next = Start Gridwatch with --home and a directory, or set GRIDWATCH_HOME.
error-settings-read = The settings in { $path } cannot be read: { $cause }
    .next = Gridwatch runs with its defaults. Check the file's owner and permissions, then start again.
error-settings-set-aside = The settings in { $path } are not readable ({ $cause }). The file is kept as { $aside }.
    .next = Gridwatch begins with its defaults. Mend the kept file and move it back to have your profiles again.
error-settings-write = The settings cannot be written to { $path }: { $cause }
    .next = What you chose lasts until you close Gridwatch. Check the disk's space and the directory's permissions.

## store

error-store-full = The store is full: { $rows } rows are kept, newer incidents are not.
    .next = Restart Gridwatch to begin with an empty store.
error-store-poisoned = The store was left in an unknown state, so nothing more is written to it.
    .next = Restart Gridwatch.
