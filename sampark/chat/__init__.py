"""What people do here: verbs with no HTTP, no HTML and no stream in them. They return what happened, and ring."""
