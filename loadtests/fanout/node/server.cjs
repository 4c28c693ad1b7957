// A Socket.IO server as its authors' guides write one, told over a Unix socket what to emit (see servers/orders.py).
"use strict";

const { createServer } = require("node:http");
const { connect } = require("node:net");
const { Server } = require("socket.io");

const config = JSON.parse(process.argv[2]);
const http = createServer();
const io = new Server(http, { pingInterval: 25_000, pingTimeout: 20_000 });
const rooms = config.rooms.map((name) => ({ name, members: [] }));
const byName = new Map(rooms.map((room) => [room.name, room]));
let members = 0;
let sent = [];

io.on("connection", (socket) => {
  const { room, member } = socket.handshake.auth;
  socket.join(room);
  byName.get(room).members.push({ socket, member });
  members += 1;
});

const roomOf = (sequence) => rooms[sequence % rooms.length];

function emitShared(room, sequence) {
  io.to(room.name).emit(config.event, { ...config.template, sequence });
}

function emitPersonal(room, sequence) {
  for (const { socket, member } of room.members) {
    const position = 1000 + ((member + sequence) % 9000);
    socket.emit(config.event, { ...config.template, sequence, position });
  }
}

// A broadcast has a turn of the event loop to itself, as it would have if a request of its own had caused it.
const waiting = [];

function emitNext() {
  const { emit, sequence } = waiting.shift();
  emit(roomOf(sequence), sequence);
  if (waiting.length > 0) setImmediate(emitNext);
}

function emitInTurn(emit, { first, count }) {
  const isIdle = waiting.length === 0;
  for (let i = 0; i < count; i++) waiting.push({ emit, sequence: first + i });
  if (isIdle) setImmediate(emitNext);
}

function obey(order, answer) {
  switch (order.do) {
    case "shared":
      emitInTurn(emitShared, order);
      return;
    case "personal":
      emitInTurn(emitPersonal, order);
      return;
    case "paced":
      sent.push(Number(process.hrtime.bigint()));
      emitShared(rooms[order.room], order.first);
      return;
    case "sent":
      answer({ sent });
      sent = [];
      return;
    case "members":
      answer({ members });
      return;
    default:
      throw new Error(`There is no order ${order.do}.`);
  }
}

function listenToOrders(port) {
  const control = connect(config.control);
  const answer = (value) => control.write(`${JSON.stringify(value)}\n`);
  let rest = "";
  control.setEncoding("utf8");
  control.on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) obey(JSON.parse(line), answer);
  });
  control.on("close", () => process.exit());
  answer({ port, versions: { node: process.version } });
}

async function start() {
  if (config.redis) {
    const { createClient } = require("redis");
    const { createAdapter } = require("@socket.io/redis-adapter");
    const publisher = createClient({ url: config.redis });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
  http.listen(0, "127.0.0.1", () => listenToOrders(http.address().port));
}

start();
