import { render } from "preact";
import "../shared/theme.css";
import "./rebook.css";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { followDirectory } from "../staff/directory";
import { App } from "./parts/app";

startClock();
listenToHistory();
followDirectory();

const root = document.getElementById("app");
if (root) render(<App />, root);
