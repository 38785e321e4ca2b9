"""Where the API's half of the sandbox and the engine's half meet: two Valkey channels. Apart, so that the API need not load the engine."""

REQUESTS, REPLIES = "rm:sandbox:requests", "rm:sandbox:replies"
