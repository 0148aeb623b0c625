// Opsgenie's own Node SDK: trailing slashes, aliases unescaped. Prints one JSON object a step.
'use strict';

const { promisify } = require('node:util');
const opsgenie = require('opsgenie-sdk');

const [host, key] = process.argv.slice(2);
opsgenie.configure({ host, api_key: key });
const api = opsgenie.alertV2;
const alias = 'dm-dms1-207-12-6023';
const byAlias = { identifier: alias, identifierType: 'alias' };

const call = (name, ...args) => promisify(api[name])(...args);
const tell = (step, what) => console.log(JSON.stringify({ step, ...what }));

async function verdict(step, name, ...args) {
  const accepted = await call(name, ...args);
  const { data } = await call('getRequestStatus', accepted.requestId);
  tell(step, { success: data.isSuccess, status: data.status, alias: data.alias });
}

async function main() {
  await verdict('create', 'create', {
    message: 'Encoder 12: Signal lost é😀', alias, priority: 'P2', tags: ['Critical', 'x y'],
    details: { element: 'Encoder 12' }, responders: [{ type: 'team', name: 'NOC' }],
  });
  await verdict('acknowledge', 'acknowledge', byAlias, { user: 'DataMiner' });
  await verdict('note', 'addNote', byAlias, { note: 'seen' });
  await verdict('add details', 'addDetails', byAlias, { details: { value: '12.5' } });
  await verdict('remove tags', 'removeTags', byAlias, { tags: 'x y', user: 'u' });
  const { data: alert } = await call('get', byAlias);
  tell('get', { message: alert.message, tags: alert.tags, acknowledged: alert.acknowledged, details: alert.details });
  // Without a query: with an escaped colon in it the SDK leaves its Authorization header out.
  const { data: listed } = await call('list', { limit: 5, sort: 'createdAt', order: 'asc' });
  tell('list', { aliases: listed.map((one) => one.alias) });
  await verdict('close', 'close', byAlias, { note: 'cleared' });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
