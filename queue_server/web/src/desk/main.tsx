import { render } from "preact";
import "./desk.css";
import { App } from "./parts/app";
import { restore } from "./state/account";
import { startClock } from "./state/clock";
import { listenToHistory } from "./state/route";
import { keepSelection } from "./state/selection";

startClock();
listenToHistory();
keepSelection();
void restore();

const root = document.getElementById("app");
if (root) render(<App />, root);
