"""The client that tygenie generated from Opsgenie's own API definition: teams and alerts. One JSON object a step."""

import json
import sys

from tygenie.opsgenie_rest_api_client import AuthenticatedClient
from tygenie.opsgenie_rest_api_client.api.account import get_info
from tygenie.opsgenie_rest_api_client.api.alert import count_alerts, list_alerts
from tygenie.opsgenie_rest_api_client.api.team import get_team, list_teams
from tygenie.opsgenie_rest_api_client.models.get_team_identifier_type import GetTeamIdentifierType

url, key = sys.argv[1:3]
client = AuthenticatedClient(base_url=url, token=key, prefix="GenieKey", auth_header_name="Authorization")


def tell(step, **what):
    print(json.dumps({"step": step, **what}, ensure_ascii=False, sort_keys=True), flush=True)


teams = list_teams.sync(client=client)
tell("teams", teams=[[team.id, team.name] for team in teams.data])
team = get_team.sync(teams.data[0].id, client=client)
tell("team", name=team.data.name, description=team.data.description)
by_name = get_team.sync(teams.data[1].name, client=client, identifier_type=GetTeamIdentifierType.NAME)
tell("team by name", same=by_name.data.id == teams.data[1].id)
account = get_info.sync(client=client)
tell("account", name=account.data.name)
alerts = list_alerts.sync(client=client, query="status:open", limit=5)
tell("alerts", aliases=[alert.alias for alert in alerts.data])
tell("count", count=count_alerts.sync(client=client, query="status:open").data.count)
