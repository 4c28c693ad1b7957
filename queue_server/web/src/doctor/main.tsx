import { render } from "preact";
import "../shared/theme.css";
import "./doctor.css";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { followDirectory } from "../staff/directory";
import { App } from "./parts/app";
import { followQueue } from "./state/live";

startClock();
listenToHistory();
followDirectory();
followQueue();

const root = document.getElementById("app");
if (root) render(<App />, root);
