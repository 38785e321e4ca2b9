"""What the rest of the product imports from here does not load the client library: it costs seconds and a hundred megabytes."""

import subprocess
import sys

DOORS = ("accounts", "books", "budgets", "capabilities", "coids", "errors", "gateway", "grids", "health")


def test_doors_load_no_client_library():
    code = f"import sys; {'; '.join(f'import venues.{door}' for door in DOORS)}; print('ccxt' in sys.modules, 'aiohttp' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]
