"""GIFs to pick from: our own library, and providers that the operator has a key for.

`provider` says what a provider is, `library` is the one that is always there, `giphy` and `klipy` ask others, `search` asks
all of them at once, `importing` puts an operator's own files into the library. No Quart, no HTML and no database: who may
pick, and what a message keeps of it, is decided above.
"""
