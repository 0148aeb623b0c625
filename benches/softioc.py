"""How many records a second EPICS softIoc processes: prints one number.

calc records that count themselves up, half of them scanned ten times a second and half of them five times, by two
threads. Arguments: how many records, and for how many seconds.
"""

import os
import sys
import tempfile
import time

from epicscorelibs.ioc import ioc, start_ioc

SAMPLE = 50

records, seconds = int(sys.argv[1]), float(sys.argv[2])
folder = tempfile.mkdtemp()
database, answer = os.path.join(folder, "records.db"), os.path.join(folder, "answer")
with open(database, "w") as file:
    for number in range(records):
        scan = (".1 second", ".2 second")[number % 2]
        file.write(
            f'record(calc,"r{number}"){{field(SCAN,"{scan}")field(INPA,"r{number}.VAL")field(CALC,"A+1")}}\n'
        )


def processed():
    """How often all records were processed so far, from a sample of both kinds."""
    total = 0
    for number in range(0, records, max(1, records // SAMPLE) | 1):
        ioc(f"dbgf r{number} > {answer}")
        with open(answer) as file:
            total += float(file.read().split()[-1])
    return total / len(range(0, records, max(1, records // SAMPLE) | 1)) * records


start_ioc(database)
time.sleep(2)
before, begin = processed(), time.monotonic()
time.sleep(seconds)
after, end = processed(), time.monotonic()
print((after - before) / (end - begin))
sys.stdout.flush()
os._exit(0)
