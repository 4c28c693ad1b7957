import { signal } from "@preact/signals";
import type { Call } from "../model/calls";
import { language, words } from "../model/words";

/** Browsers keep a page silent until somebody has touched it, unless told otherwise. */
export const isMute = signal(true);

const NOTES = [
  { hertz: 659.3, at: 0 },
  { hertz: 523.3, at: 0.35 },
];

let audio: AudioContext | null = null;

/** Try to be heard: at the start, and when somebody asks for sound. */
export async function unmute(): Promise<void> {
  try {
    audio ??= new AudioContext();
    audio.onstatechange = () => {
      isMute.value = audio?.state !== "running";
    };
    isMute.value = audio.state !== "running";
    await audio.resume();
  } catch {
    // A screen without a loudspeaker is a screen all the same.
  }
}

/** Chime, then say the ticket and where to go. */
export function announce(call: Call): void {
  if (isMute.value) return;
  chime();
  speak(call);
}

function chime(): void {
  if (!audio) return;
  for (const { hertz, at } of NOTES) {
    const start = audio.currentTime + at;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.35, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 1.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 1.3);
  }
}

function speak(call: Call): void {
  if (!("speechSynthesis" in window)) return;
  const where = call.room ? words.goTo(call.room) : words.comeIn;
  // Letter by letter, so that "P18" is not read as a word.
  const letters = call.ticket.replace(/([A-Z])/gi, "$1 ");
  const said = new SpeechSynthesisUtterance(`${letters}. ${where}.`);
  said.lang = language;
  said.rate = 0.9;
  setTimeout(() => speechSynthesis.speak(said), 900);
}
