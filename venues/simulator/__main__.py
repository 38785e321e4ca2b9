"""`python -m venues.simulator`."""

import sys

from venues.simulator.process import main

sys.exit(main())
