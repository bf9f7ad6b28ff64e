"""Reads a folder of event files with TensorBoard's own reader.

Usage: tensorboard_check.py FOLDER

For each scalar prints "scalar NAME STEP:VALUE ...", for each histogram "histogram NAME STEP MIN MAX COUNT BUCKETS".
"""

import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0})
events.Reload()
for name in sorted(events.Tags()["scalars"]):
    print("scalar", name, *(f"{event.step}:{event.value:.6g}" for event in events.Scalars(name)))
for name in sorted(events.Tags()["histograms"]):
    for event in events.Histograms(name):
        value = event.histogram_value
        print(
            "histogram", name, event.step, f"{value.min:g}", f"{value.max:g}", f"{value.num:.0f}", len(value.bucket)
        )
