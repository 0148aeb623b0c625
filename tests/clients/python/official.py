"""Opsgenie's own Python SDK: the life of an alert whose alias has to be escaped. Prints one JSON object a step."""

import json
import sys

import opsgenie_sdk

url, key = sys.argv[1:3]
configuration = opsgenie_sdk.Configuration()
configuration.host = url
configuration.api_key["Authorization"] = key
configuration.api_key_prefix["Authorization"] = "GenieKey"
api = opsgenie_sdk.AlertApi(api_client=opsgenie_sdk.ApiClient(configuration=configuration))

ALIAS = "dm/207/12/6023?#%+ é😀"
BY_ALIAS = {"identifier": ALIAS, "identifier_type": "alias"}


def tell(step, **what):
    print(json.dumps({"step": step, **what}, ensure_ascii=False, sort_keys=True), flush=True)


def verdict(step, accepted):
    """What the platform made of a request that it accepted; the SDK polls for it."""
    result = accepted.retrieve_result().data
    tell(step, success=result.is_success, status=result.status, alias=result.alias)
    return result.alert_id


created = api.create_alert(opsgenie_sdk.CreateAlertPayload(
    message="Encoder 12: Signal lost", alias=ALIAS, description="first line\nsecond line",
    responders=[{"type": "team", "name": "NOC"}], tags=["Critical", "dms:dms1"],
    details={"element": "Encoder 12"}, entity="Encoder 12", source="DataMiner", priority="P1"))
alert_id = verdict("create", created)
again = api.create_alert(opsgenie_sdk.CreateAlertPayload(message="Encoder 12: Signal lost", alias=ALIAS))
verdict("create again", again)

read = api.get_alert(**BY_ALIAS).data
tell("get", same=read.id == alert_id, alias=read.alias, count=read.count, priority=read.priority, tags=sorted(read.tags),
     description=read.description, details=read.details)

verdict("acknowledge without a body", api.acknowledge_alert(**BY_ALIAS))
verdict("note", api.add_note(add_note_to_alert_payload=opsgenie_sdk.AddNoteToAlertPayload(note="seen"), **BY_ALIAS))
verdict("tags", api.add_tags(add_tags_to_alert_payload=opsgenie_sdk.AddTagsToAlertPayload(tags=["x y", "z"]), **BY_ALIAS))
verdict("remove tags", api.remove_tags(tags=["x y", "Critical"], **BY_ALIAS))
verdict("details", api.add_details(
    add_details_to_alert_payload=opsgenie_sdk.AddDetailsToAlertPayload(details={"value": "12.5"}), **BY_ALIAS))
verdict("priority", api.update_alert_priority(
    update_alert_priority_payload=opsgenie_sdk.UpdateAlertPriorityPayload(priority="P3"), **BY_ALIAS))
verdict("message", api.update_alert_message(
    update_alert_message_payload=opsgenie_sdk.UpdateAlertMessagePayload(message="Encoder 12: Signal back"), **BY_ALIAS))

listed = api.list_alerts(query="status:open", limit=10)
tell("list", aliases=[alert.alias for alert in listed.data])
tell("count", count=api.count_alerts(query="status:open").data.count)
tell("notes", notes=[note.note for note in api.list_notes(**BY_ALIAS).data])

verdict("close", api.close_alert(close_alert_payload=opsgenie_sdk.CloseAlertPayload(note="cleared"), **BY_ALIAS))
read = api.get_alert(identifier=alert_id).data
tell("get closed", status=read.status, acknowledged=read.acknowledged, tags=sorted(read.tags), priority=read.priority,
     message=read.message)
try:
    api.create_alert(opsgenie_sdk.CreateAlertPayload(message=""))
except opsgenie_sdk.exceptions.OpenApiException as refused:
    tell("refused", kind=type(refused).__name__, why="should not be empty" in str(refused))
