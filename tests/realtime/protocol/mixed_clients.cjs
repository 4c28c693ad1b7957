// Fifteen of the official clients from npm: five stay on websockets, five on polling, five upgrade.
// Arguments: path of socket.io-client, address, echoes each. Prints what each has heard, as one line of JSON.
const [, , library, address, echoes] = process.argv;
const { io } = require(library);

const settings = { websocket: ["websocket"], polling: ["polling"], upgrading: ["polling", "websocket"] };
const clients = Object.entries(settings).flatMap(([kind, transports]) =>
  Array.from({ length: 5 }, (_, number) => start(`${kind} ${number}`, transports)),
);

function start(name, transports) {
  const socket = io(address, { transports, auth: { name }, forceNew: true, reconnection: false });
  const client = { name, socket, heard: [], echoed: [], answers: [], ended: false, faults: [] };
  socket.on("connect", () => {
    for (let number = 0; number < Number(echoes); number++) {
      socket.emit("echo", number, (answer) => client.answers.push(answer) && finish());
    }
  });
  socket.onAny((event, ...rest) => {
    if (event === "echoed") client.echoed.push(rest[0]);
    else if (event === "end") client.ended = true;
    else client.heard.push([event, rest[0]]);
    if (event === "ask") rest[1](rest[0]);
    finish();
  });
  socket.on("disconnect", (reason) => client.faults.push(reason));
  socket.on("connect_error", (error) => client.faults.push(String(error)));
  return client;
}

function finish() {
  const isDone = ({ ended, answers, echoed }) => ended && answers.length >= echoes && echoed.length >= echoes;
  if (!clients.every(isDone)) return;
  const told = clients.map(({ name, heard, echoed, answers, faults, socket }) => ({
    name, heard, echoed, answers, faults, transport: socket.io.engine.transport.name,
  }));
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
}
