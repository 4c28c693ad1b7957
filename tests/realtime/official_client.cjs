// The usage examples of the requirements, with the official client from npm.
// Arguments: path of socket.io-client, address, transports (comma-separated), tracking token.
// Prints one JSON line for each thing that happens; reads "heartbeat", "status", "leave", "end" from standard input.
const [, , library, address, transports, trackingToken] = process.argv;
const { io: connect } = require(library);
const tell = (what, data) => process.stdout.write(`${JSON.stringify({ what, data })}\n`);

// The example says io('http://localhost:8000'): with nothing else it begins with polling and upgrades.
const io = (url) => (transports === "default" ? connect(url) : connect(url, { transports: transports.split(",") }));
const updateUI = (view) => tell("updateUI", view);
const showAlert = (message, priority) => tell("showAlert", { message, priority });

// ---- Usage Examples, Patient Tracking, as written ----------------------------------------------
// Frontend JavaScript example
const socket = io(address);

// Connect and join queue
socket.emit('join-queue', { token: trackingToken });

// Listen for position updates
socket.on('queue-update', (data) => {
  updateUI({
    position: data.data.queue.position,
    waitTime: data.data.queue.estimatedWaitTime,
    status: data.data.queue.queueStatus
  });
});

// Handle emergency notifications
socket.on('emergency-notification', (data) => {
  showAlert(data.message, data.priority);
});

// ---- WebSocket Events, as written --------------------------------------------------------------
const console_ = { log: (...told) => tell("log", told), error: (...told) => tell("error", told) };
// Connection confirmation
socket.on('connected', (data) => {
  console_.log('Connected:', data.clientId);
});

// Queue joined confirmation
socket.on('queue-joined', (data) => {
  console_.log('Joined room:', data.roomId);
});

// Real-time queue position updates
socket.on('queue-update', (data) => {
  console_.log('Position changed:', data.data.queue.position);
  console_.log('Wait time:', data.data.queue.estimatedWaitTime);
});

// Emergency notifications
socket.on('emergency-notification', (data) => {
  console_.log('Emergency:', data.message);
});

// Heartbeat acknowledgment
socket.on('heartbeat-ack', () => tell("heartbeat-ack"));

// Current queue status
socket.on('queue-status', (data) => {
  console_.log('Current status:', data.data);
});

// General queue changes
socket.on('queue-broadcast', (data) => {
  console_.log('Queue changed:', data.reason);
});

// Error messages
socket.on('error', (data) => {
  console_.error('Error:', data.message);
});

// ---- what the test needs to know ---------------------------------------------------------------
socket.io.on("open", () => {
  tell("transport", socket.io.engine.transport.name);
  socket.io.engine.on("upgrade", (transport) => tell("upgraded", transport.name));
});
socket.on("disconnect", (reason) => tell("disconnect", reason));
socket.on("connect_error", (error) => tell("connect_error", error.message));

const commands = {
  // Send heartbeat
  heartbeat: () => socket.emit('heartbeat'),
  // Get current queue status
  status: () => socket.emit('get-queue-status', { token: trackingToken }),
  // Leave queue updates
  leave: () => socket.emit('leave-queue', {}, (told) => tell("left", told)),
  forged: () => socket.emit('join-queue', { token: 'forged' }),
  end: () => {
    socket.disconnect();
    process.exit(0);
  },
};
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => commands[line]());
process.stdin.on("end", () => process.exit(0));
