"""The groups of sub-commands of `rivermouth`, a file each; `serving` is what they share with the processes."""
