"""The commands of ``percaya``, one file per subject."""
