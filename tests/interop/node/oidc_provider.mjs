// A certified OpenID Connect provider as its tests want it: node oidc_provider.mjs PORT
//
// PUT /set-up says the rest, each time anew: the configuration of oidc-provider itself; the people, by their ids; how far
// its clock is ahead; and where origins are that have no host. DELETE /set-up forgets who was signed in, and all it knew.

import http from 'node:http';
import Provider from 'oidc-provider';
import { createMemoryAdapter } from './node_modules/oidc-provider/lib/adapters/memory_adapter.js';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
let adapter = createMemoryAdapter();
const present = Date.now;
let ahead = 0;
let answer;

Date.now = () => present() + ahead * 1000;

function setUp({ configuration, people, secondsAhead, elsewhere }) {
  ahead = secondsAhead;
  const provider = new Provider(issuer, {
    ...configuration,
    adapter,
    cookies: { keys: ['of these tests only'] },
    findAccount: (ctx, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    // It refuses to call this machine, which is the only one that its tests have.
    fetch: (url, { dispatcher, ...options }) => {
      const { origin, pathname, search } = new URL(url);
      return fetch(`${elsewhere[origin] ?? origin}${pathname}${search}`, options);
    },
    ...(configuration.subjectTypes?.includes('pairwise') && {
      pairwiseIdentifier: (ctx, id, client) => `${id}-as-${client.clientId}-knows-them`,
    }),
  });
  for (const name of ['server_error', 'backchannel.error', 'grant.error', 'pushed_authorization_request.error']) {
    provider.on(name, (ctx, error) => console.error(name, error.message, error.error_description, error.error_detail));
  }
  answer = provider.callback();
}

async function handle(request, response) {
  if (request.url !== '/set-up') return answer(request, response);
  if (request.method === 'DELETE') {
    adapter = createMemoryAdapter();
    return response.writeHead(204).end();
  }
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  try {
    setUp(JSON.parse(Buffer.concat(pieces)));
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(400).end(String(error.stack));
  }
}

setUp({ configuration: {}, people: {}, secondsAhead: 0, elsewhere: {} });
http.createServer(handle).listen(port, '127.0.0.1');
