import "../patient/patient.css";
import "./book.css";
import { mount } from "../patient/mount";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { App } from "./parts/app";
import { resume } from "./state/resume";

startClock();
listenToHistory();
mount(<App />);
void resume();
