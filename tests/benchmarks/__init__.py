"""What a check costs: requests per second, instructions, memory.

`python -m tests.benchmarks` measures and writes the performance pages; each
part is a module here, and `docs/performance/results.json` is all that passes
from measuring to writing.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
