import { render } from "preact";
import "../shared/theme.css";
import "./desk.css";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { App } from "./parts/app";
import { followSession } from "./state/account";
import { tellPresence } from "./state/presence";
import { countToRebook } from "./state/rebook";
import { keepSelection } from "./state/selection";

startClock();
listenToHistory();
keepSelection();
tellPresence();
followSession();
countToRebook();

const root = document.getElementById("app");
if (root) render(<App />, root);
