"""Emoji: what there is, what it is called in English and Hindi, and finding it. The reader's own system draws them."""
