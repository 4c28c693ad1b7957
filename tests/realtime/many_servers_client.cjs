// A phone with the official client: follows a queue through every reconnection, with the claim of what it has seen.
// Arguments: path of socket.io-client, address, transports (comma-separated), tracking token.
// Prints one JSON line for each thing that happens; ends when its standard input does.
const [, , library, address, transports, token] = process.argv;
const { io } = require(library);
const tell = (what, data) => process.stdout.write(`${JSON.stringify({ what, data })}\n`);

// Browsers keep the proxy's cookie by themselves; in Node.js the client does when asked for credentials.
const socket = io(address, {
  transports: transports.split(","),
  withCredentials: true,
  reconnectionDelay: 200,
  reconnectionDelayMax: 1000,
});
let seen = { epoch: 0, version: 0 };
let leftAt;

function note(what, { epoch, version }) {
  tell(what, { epoch, version });
  if (epoch > seen.epoch || (epoch === seen.epoch && version > seen.version)) seen = { epoch, version };
}

socket.on("connect", () => socket.emit("join-queue", { token, ...seen }));
socket.on("queue-joined", ({ data }) => {
  note("joined", data.queue);
  if (leftAt !== undefined) tell("back", Date.now() - leftAt);
  leftAt = undefined;
});
socket.on("queue-update", ({ data }) => note("update", data.queue));
socket.on("queue-broadcast", (told) => note("broadcast", told));
socket.on("server-restarting", ({ withinMs }) => tell("warned", withinMs));
socket.on("error", ({ code, retryable }) => {
  tell("error", code);
  if (retryable) setTimeout(() => socket.emit("join-queue", { token, ...seen }), 300);
});
socket.on("disconnect", (reason) => {
  leftAt ??= Date.now();
  tell("disconnect", reason);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
