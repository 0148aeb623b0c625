"""Apprise: one notification to a team and a user. It has no option for the address, so its table of regions is changed."""

import sys

import apprise
from apprise.plugins import opsgenie

url, key = sys.argv[1:3]
for region in opsgenie.OPSGENIE_API_LOOKUP:
    opsgenie.OPSGENIE_API_LOOKUP[region] = f"{url}/v2/alerts"

notifier = apprise.Apprise()
assert notifier.add(f"opsgenie://{key}/%23NOC/@john@example.com?priority=emergency&alias=dm-apprise&entity=Encoder")
sent = notifier.notify(title="Encoder 12", body="Signal lost", notify_type=apprise.NotifyType.FAILURE)
sys.exit(0 if sent else 1)
