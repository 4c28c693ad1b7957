import { render } from "preact";
import "../shared/theme.css";
import "./admin.css";
import { listenToHistory } from "../shared/route";
import { followDirectory } from "../staff/directory";
import { guardUnsaved } from "../staff/unsaved";
import { App } from "./parts/app";

listenToHistory();
followDirectory();
guardUnsaved();

const root = document.getElementById("app");
if (root) render(<App />, root);
