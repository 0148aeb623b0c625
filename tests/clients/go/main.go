// Opsgenie's own Go SDK: the life of an alert, each verdict awaited; with a third argument only its creation. Prints one
// JSON object a step.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/opsgenie/opsgenie-go-sdk-v2/alert"
	"github.com/opsgenie/opsgenie-go-sdk-v2/client"
	"github.com/opsgenie/opsgenie-go-sdk-v2/heartbeat"
	"github.com/opsgenie/opsgenie-go-sdk-v2/team"
	"github.com/sirupsen/logrus"
)

const alias = "dm-dms1-207-12-6023"

func tell(step string, what map[string]any) {
	what["step"] = step
	line, err := json.Marshal(what)
	check(step, err)
	fmt.Println(string(line))
}

func check(step string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", step, err)
		os.Exit(1)
	}
}

// verdict waits for what the platform made of a request that it accepted.
func verdict(step string, accepted *alert.AsyncAlertResult, err error) string {
	check(step, err)
	status, err := accepted.RetrieveStatus(context.Background())
	check(step+", status", err)
	tell(step, map[string]any{"success": status.IsSuccess, "status": status.Status, "alias": status.Alias})
	return status.AlertID
}

func main() {
	// The SDK speaks plain HTTP to every host whose name has no "api" in it.
	config := &client.Config{ApiKey: os.Args[2], OpsGenieAPIURL: client.ApiUrl(os.Args[1]), LogLevel: logrus.ErrorLevel}
	ctx := context.Background()
	alerts, err := alert.NewClient(config)
	check("alert client", err)

	created, err := alerts.Create(ctx, &alert.CreateAlertRequest{
		Message: "Encoder 12: Signal lost – «Critical»", Alias: alias, Priority: alert.P1, Source: "DataMiner",
		Tags: []string{"Critical"}, Details: map[string]string{"element": "Encoder 12"},
		Responders: []alert.Responder{{Type: alert.TeamResponder, Name: "NOC"}},
	})
	id := verdict("create", created, err)
	if len(os.Args) > 3 {
		return
	}

	by := alert.ALIAS
	done, err := alerts.Acknowledge(ctx, &alert.AcknowledgeAlertRequest{IdentifierType: by, IdentifierValue: alias, User: "DataMiner"})
	verdict("acknowledge", done, err)
	done, err = alerts.Unacknowledge(ctx, &alert.UnacknowledgeAlertRequest{IdentifierType: by, IdentifierValue: alias})
	verdict("unacknowledge", done, err)
	done, err = alerts.AddNote(ctx, &alert.AddNoteRequest{IdentifierType: by, IdentifierValue: alias, Note: "seen"})
	verdict("note", done, err)
	done, err = alerts.Snooze(ctx, &alert.SnoozeAlertRequest{IdentifierType: by, IdentifierValue: alias, EndTime: time.Now().Add(time.Hour)})
	verdict("snooze", done, err)
	done, err = alerts.AddTags(ctx, &alert.AddTagsRequest{IdentifierType: by, IdentifierValue: alias, Tags: []string{"x", "y"}})
	verdict("add tags", done, err)
	done, err = alerts.RemoveTags(ctx, &alert.RemoveTagsRequest{IdentifierType: by, IdentifierValue: alias, Tags: "x,Critical"})
	verdict("remove tags", done, err)
	done, err = alerts.AddDetails(ctx, &alert.AddDetailsRequest{IdentifierType: by, IdentifierValue: alias, Details: map[string]string{"value": "12.5"}})
	verdict("add details", done, err)
	done, err = alerts.RemoveDetails(ctx, &alert.RemoveDetailsRequest{IdentifierType: by, IdentifierValue: alias, Keys: "element"})
	verdict("remove details", done, err)
	done, err = alerts.UpdatePriority(ctx, &alert.UpdatePriorityRequest{IdentifierType: by, IdentifierValue: alias, Priority: alert.P4})
	verdict("priority", done, err)
	done, err = alerts.UpdateMessage(ctx, &alert.UpdateMessageRequest{IdentifierType: by, IdentifierValue: alias, Message: "Signal back"})
	verdict("message", done, err)
	done, err = alerts.UpdateDescription(ctx, &alert.UpdateDescriptionRequest{IdentifierType: by, IdentifierValue: alias, Description: "long"})
	verdict("description", done, err)
	done, err = alerts.AddTeam(ctx, &alert.AddTeamRequest{IdentifierType: by, IdentifierValue: alias, Team: alert.Team{Name: "Playout"}})
	verdict("add team", done, err)
	done, err = alerts.AddResponder(ctx, &alert.AddResponderRequest{IdentifierType: by, IdentifierValue: alias,
		Responder: alert.Responder{Type: alert.UserResponder, Username: "john@example.com"}})
	verdict("add responder", done, err)
	done, err = alerts.AssignAlert(ctx, &alert.AssignRequest{IdentifierType: by, IdentifierValue: alias, Owner: alert.User{Username: "john@example.com"}})
	verdict("assign", done, err)

	folder, err := os.MkdirTemp("", "adit-client")
	check("folder", err)
	defer os.RemoveAll(folder)
	check("file", os.WriteFile(filepath.Join(folder, "trace.txt"), []byte("0 ms\n"), 0o600))
	attached, err := alerts.CreateAlertAttachments(ctx, &alert.CreateAlertAttachmentRequest{
		IdentifierType: by, IdentifierValue: alias, FileName: "trace.txt", FilePath: folder})
	check("attach", err)
	tell("attach", map[string]any{"result": attached.Result})
	// They are not listed: the SDK takes their ids for numbers, which the API definition says are texts.

	read, err := alerts.Get(ctx, &alert.GetAlertRequest{IdentifierType: alert.ALERTID, IdentifierValue: id})
	check("get", err)
	tell("get", map[string]any{"message": read.Message, "priority": read.Priority, "tags": read.Tags, "details": read.Details,
		"snoozed": read.Snoozed, "owner": read.Owner, "description": read.Description})
	listed, err := alerts.List(ctx, &alert.ListAlertRequest{Query: "status:open AND alias:" + alias, Limit: 10})
	check("list", err)
	tell("list", map[string]any{"count": len(listed.Alerts)})
	notes, err := alerts.ListAlertNotes(ctx, &alert.ListAlertNotesRequest{IdentifierType: by, IdentifierValue: alias})
	check("notes", err)
	tell("notes", map[string]any{"first": notes.AlertLog[0].Note})

	done, err = alerts.Close(ctx, &alert.CloseAlertRequest{IdentifierType: by, IdentifierValue: alias, Note: "cleared"})
	verdict("close", done, err)
	done, err = alerts.Delete(ctx, &alert.DeleteAlertRequest{IdentifierType: alert.ALERTID, IdentifierValue: id})
	verdict("delete", done, err)

	teams, err := team.NewClient(config)
	check("team client", err)
	all, err := teams.List(ctx, &team.ListTeamRequest{})
	check("teams", err)
	var names []string
	for _, one := range all.Teams {
		names = append(names, one.Name)
	}
	tell("teams", map[string]any{"names": names})

	hearts, err := heartbeat.NewClient(config)
	check("heartbeat client", err)
	added, err := hearts.Add(ctx, &heartbeat.AddRequest{Name: "adit", Interval: 10, IntervalUnit: heartbeat.Minutes, Enabled: new(bool)})
	check("heartbeat", err)
	pinged, err := hearts.Ping(ctx, "adit")
	check("ping", err)
	tell("heartbeat", map[string]any{"name": added.Name, "ping": pinged.Message})
}
