// An SMSC for the tests, on the npm package "smpp": it takes what is submitted, reports what it is told to
// report, and hands in messages from citizens. Loopback only; both ports are chosen by the system and
// announced as one line of JSON on stdout. It ends when its stdin does, so it never outlives its test.
//
// Steering: one JSON object a line on the control port, answered by one a line, in the order of completion;
// `tag` comes back as it was given. Operations and their fields (see `operations` below):
//
//   rule      to: string|null, times: number|null, and a behaviour: the newest rule that fits a submit is used
//             status   command_status of the response, 0 unless given (0x58 throttled, 0x14 queue full, ...)
//             silent   true: no response at all
//             drop     "before": the connection breaks and nothing was taken; "after": it was taken
//             wait     milliseconds before the response
//             taken    whether it counts as taken; by default: status 0 and not dropped before
//             reports  states of the delivery reports, in this order; ["DELIVRD"] unless given
//             early    true: the reports go out before the response
//             pause    milliseconds before each report, 0 unless given
//             hex      true: the response names the message in hexadecimal, the report in decimal
//   log       since: number, until: number -> parts taken from `since` on, once there are `until` of them
//   state     sessions: number, reports: number -> counters, once so many are bound, and acknowledged
//   hear      messages: [{from, to, coding, parts: [{hex, udh}]}], window -> command_status of each part
//   report    id, state: one more report for a message taken before
//   close     breaks every session; stop also ends listening until start
//   reset     forgets the rules, the log, the counters and the reports not yet delivered
'use strict';

const net = require('net');
const smpp = require('smpp');

const SYSTEM_ID = 'percaya';
const PASSWORD = 'rahasia1';
const INVALID_PASSWORD = 0x0e;
// As SMPP 3.4, tables 5-6 and B-2, numbers and abbreviates the states.
const STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const UDH_INDICATOR = 0x40;
const RECEIPT = 0x04;

// Bytes stay bytes: whoever reads the log decodes them, once all parts are together.
for (const name of Object.keys(smpp.encodings)) smpp.encodings[name].decode = (bytes) => bytes;

const bound = new Set(); // sessions after a successful bind
const waiting = new Set(); // answers owed when something has happened
let rules = [];
let log = [];
let owed = []; // reports that no session could take
let counters = {};
let nextId = Math.floor(Date.now() / 100) % 2 ** 31; // a restarted SMSC gives out no id twice

function forget() {
  rules = [];
  log = [];
  owed = [];
  counters = { submits: 0, refused: 0, reports: 0, binds: 0 };
}

function happened() {
  for (const attempt of waiting) if (attempt()) waiting.delete(attempt);
}

function when(ready, then) {
  const attempt = () => ready() && (then(), true);
  if (!attempt()) waiting.add(attempt);
}

function international(address, ton) {
  return ton === 1 && !address.startsWith('+') ? `+${address}` : address;
}

function behaviourFor(destination) {
  const rule = rules.find((candidate) => candidate.to == null || candidate.to === destination);
  if (!rule) return {};
  if (rule.times != null && --rule.times === 0) rules.splice(rules.indexOf(rule), 1);
  return rule;
}

function receipt(part, state) {
  const at = new Date().toISOString().replace(/[-:T]/g, '').slice(2, 12);
  const delivered = state === 'DELIVRD' ? '001' : '000';
  const error = state === 'DELIVRD' ? '000' : '001';
  return {
    source_addr_ton: part.pdu.dest_addr_ton,
    source_addr_npi: part.pdu.dest_addr_npi,
    source_addr: part.pdu.destination_addr,
    dest_addr_ton: part.pdu.source_addr_ton,
    dest_addr_npi: part.pdu.source_addr_npi,
    destination_addr: part.pdu.source_addr,
    esm_class: RECEIPT,
    short_message: Buffer.from(
      `id:${part.id} sub:001 dlvrd:${delivered} submit date:${at} done date:${at} stat:${state} err:${error} text:`
    ),
    receipted_message_id: part.id,
    message_state: STATES[state],
  };
}

function receiver() {
  return [...bound].find((session) => session.kind !== 'bind_transmitter' && session.socket.writable);
}

// `then` gets the command_status of the answer, or null when the session broke first or there is none.
function deliverPdu(fields, then) {
  const session = receiver();
  if (!session) return then(null);
  const lost = () => then(null);
  session.unanswered.add(lost);
  session.deliver_sm(fields, (response) => {
    session.unanswered.delete(lost);
    then(response.command_status);
  });
}

// A report that was not acknowledged is owed until a session takes it, as a real SMSC keeps it.
function report(part, state) {
  deliverPdu(receipt(part, state), (status) => {
    if (status == null) return owed.push([part, state]);
    counters.reports += 1;
    happened();
  });
}

function reportAll(part, behaviour, then = () => {}) {
  const states = part.pdu.registered_delivery & 1 ? [...(behaviour.reports || ['DELIVRD'])] : [];
  const next = () => {
    if (!states.length) return then();
    setTimeout(() => (report(part, states.shift()), next()), behaviour.pause || 0);
  };
  next();
}

function take(pdu) {
  const message = pdu.short_message;
  const body = message.message && message.message.length ? message : pdu.message_payload || message;
  const join = (message.udh || []).find((element) => element[0] === 0 && element[1] === 3);
  const part = { id: String(nextId++), pdu };
  log.push({
    id: part.id,
    from: international(pdu.source_addr, pdu.source_addr_ton),
    to: international(pdu.destination_addr, pdu.dest_addr_ton),
    coding: pdu.data_coding,
    hex: Buffer.from(body.message || '').toString('hex'),
    join: join ? [join[2], join[3], join[4]] : null,
    reported: Boolean(pdu.registered_delivery & 1),
    part,
  });
  return part;
}

function submit(session, pdu) {
  counters.submits += 1;
  const behaviour = behaviourFor(international(pdu.destination_addr, pdu.dest_addr_ton));
  const status = behaviour.status || 0;
  const taken = behaviour.taken ?? (status === 0 && behaviour.drop !== 'before');
  const part = taken ? take(pdu) : null;
  if (!taken) counters.refused += 1;
  happened();
  if (behaviour.drop) return session.destroy();
  const respond = (then) => {
    if (behaviour.silent) return then();
    const named = part && behaviour.hex ? Number(part.id).toString(16) : part && part.id;
    const answer = () => {
      session.send(pdu.response(status ? { command_status: status } : { message_id: named || '' }));
      then();
    };
    if (behaviour.wait) setTimeout(answer, behaviour.wait);
    else answer();
  };
  if (part && behaviour.early) return reportAll(part, behaviour, () => respond(() => {}));
  respond(() => part && !status && reportAll(part, behaviour));
}

const server = smpp.createServer((session) => {
  session.unanswered = new Set();
  session.on('error', () => session.destroy());
  session.on('close', () => {
    bound.delete(session);
    for (const lost of session.unanswered) lost();
    happened();
  });
  for (const kind of ['bind_transceiver', 'bind_receiver', 'bind_transmitter']) {
    session.on(kind, (pdu) => {
      if (pdu.system_id !== SYSTEM_ID || pdu.password !== PASSWORD) {
        return session.send(pdu.response({ command_status: INVALID_PASSWORD }), () => session.close());
      }
      session.send(pdu.response({ system_id: SYSTEM_ID }));
      session.kind = kind;
      bound.add(session);
      counters.binds += 1;
      for (const [part, state] of owed.splice(0)) report(part, state);
      happened();
    });
  }
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => session.send(pdu.response(), () => session.close()));
  session.on('submit_sm', (pdu) => submit(session, pdu));
});

function deliver(message, part) {
  const body = Buffer.from(part.hex, 'hex');
  const udh = Buffer.from(part.udh || '', 'hex');
  const fields = {
    source_addr_ton: message.from.startsWith('+') ? 1 : 0,
    source_addr_npi: 1,
    source_addr: message.from.replace('+', ''),
    destination_addr: message.to,
    data_coding: message.coding || 0,
    esm_class: udh.length ? UDH_INDICATOR : 0,
    short_message: Buffer.concat([udh, body]),
  };
  return new Promise((resolve) => deliverPdu(fields, resolve));
}

async function hear(messages, window) {
  const left = messages.flatMap((message) => message.parts.map((part) => [message, part]));
  const statuses = new Array(left.length);
  let next = 0;
  const worker = async () => {
    for (let mine = next++; mine < left.length; mine = next++) statuses[mine] = await deliver(...left[mine]);
  };
  await Promise.all(Array.from({ length: Math.min(window, left.length) }, worker));
  return statuses;
}

let port = Number(process.argv[2] || 0); // a restarted SMSC is given its old port
const listen = (answer) => {
  server.once('error', (error) => answer({ error: error.code }));
  server.listen(port, '127.0.0.1', () => {
    server.removeAllListeners('error');
    port = server.address().port;
    answer({});
  });
};
const closeAll = () => server.sessions.slice().forEach((session) => session.destroy());

const operations = {
  rule: (asked, answer) => (rules.unshift(asked), answer({})),
  log: ({ since = 0, until = 0 }, answer) =>
    when(
      () => log.length >= until,
      () => answer({ parts: log.slice(since).map(({ part, ...shown }) => shown) })
    ),
  state: ({ sessions = 0, reports = 0 }, answer) =>
    when(
      () => bound.size >= sessions && counters.reports >= reports,
      () => answer({ ...counters, sessions: bound.size, parts: log.length, owed: owed.length })
    ),
  hear: ({ messages, window = 20 }, answer) => hear(messages, window).then((statuses) => answer({ statuses })),
  report: ({ id, state }, answer) => {
    const found = log.find((entry) => entry.id === id);
    if (found) report(found.part, state);
    answer(found ? {} : { error: 'no such message' });
  },
  close: (_, answer) => (closeAll(), answer({})),
  stop: (_, answer) => (server.close(() => answer({})), closeAll()),
  start: (_, answer) => (server.listening ? answer({}) : listen(answer)),
  reset: (_, answer) => (forget(), answer({})),
};

const control = net.createServer((socket) => {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const { op, tag, ...asked } = JSON.parse(line);
      const answer = (found) => socket.write(JSON.stringify({ tag, ...found }) + '\n');
      if (op in operations) operations[op](asked, answer);
      else answer({ error: `no operation ${op}` });
    }
  });
});

forget();
listen((problem) => {
  if (problem.error) process.exit(1);
  control.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ smpp: port, control: control.address().port }))
  );
});
process.stdin.on('end', () => process.exit(0)).resume();
