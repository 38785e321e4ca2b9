"""Treasury's report of a day: what came, went and stayed at every place, and what happened there."""
