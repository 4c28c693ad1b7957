import { render } from "preact";
import "../shared/theme.css";
import "./display.css";
import { language } from "./model/words";
import { App } from "./parts/app";
import { unmute } from "./state/announce";
import { followCalls } from "./state/calls";
import { start } from "./state/screen";
import { shiftPixels } from "./state/shift";

document.documentElement.lang = language;
document.documentElement.dir = language === "ar" ? "rtl" : "ltr";

followCalls();
void unmute();
void start();

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  shiftPixels(root);
}
