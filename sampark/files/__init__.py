"""The bytes of files: where they are kept, what kind they are, whether they are clean. No HTTP and no HTML in here."""
