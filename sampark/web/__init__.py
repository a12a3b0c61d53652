"""One small file a noun: reads the request, calls one verb, answers with a page or a partial."""
