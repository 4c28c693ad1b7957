import "../patient/patient.css";
import "./account.css";
import { mount } from "../patient/mount";
import { startClock } from "../shared/clock";
import { listenToHistory } from "../shared/route";
import { App } from "./parts/app";

startClock();
listenToHistory();
mount(<App />);
