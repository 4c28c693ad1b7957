import { render } from "preact";
import "../shared/theme.css";
import "./appointments.css";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { followDirectory } from "../staff/directory";
import { guardUnsaved } from "../staff/unsaved";
import { App } from "./parts/app";

startClock();
listenToHistory();
followDirectory();
guardUnsaved();

const root = document.getElementById("app");
if (root) render(<App />, root);
