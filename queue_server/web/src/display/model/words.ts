export interface DisplayWords {
  nowCalling: string;
  goTo: (room: string) => string;
  comeIn: string;
  recent: string;
  /** Said when nobody is being called. */
  quiet: string;
  quietMore: string;
  nobody: string;
  paused: string;
  closed: string;
  delay: (minutes: number) => string;
  important: string;
  reconnecting: string;
  old: (age: string) => string;
  sound: string;
}

const ENGLISH: DisplayWords = {
  nowCalling: "Now calling",
  goTo: (room) => `Please go to ${room}`,
  comeIn: "Please come in",
  recent: "Recently called",
  quiet: "Please take a seat",
  quietMore: "Your ticket appears here when it is your turn.",
  nobody: "Nobody waiting",
  paused: "Paused",
  closed: "Closed for today",
  delay: (minutes) => `+${minutes} min`,
  important: "Important",
  reconnecting: "Reconnecting…",
  old: (age) => `What you see is ${age} old.`,
  sound: "Turn on the sound",
};

const SPANISH: DisplayWords = {
  nowCalling: "Turno",
  goTo: (room) => `Pase a ${room}`,
  comeIn: "Pase, por favor",
  recent: "Llamados hace poco",
  quiet: "Tome asiento, por favor",
  quietMore: "Su número aparecerá aquí cuando sea su turno.",
  nobody: "Nadie en espera",
  paused: "En pausa",
  closed: "Cerrado por hoy",
  delay: (minutes) => `+${minutes} min`,
  important: "Importante",
  reconnecting: "Reconectando…",
  old: (age) => `Lo que ve es de hace ${age}.`,
  sound: "Activar el sonido",
};

const HINDI: DisplayWords = {
  nowCalling: "अब बारी",
  goTo: (room) => `कृपया ${room} में जाएँ`,
  comeIn: "कृपया अंदर आएँ",
  recent: "अभी बुलाए गए",
  quiet: "कृपया बैठें",
  quietMore: "आपकी बारी आने पर टिकट यहाँ दिखेगा।",
  nobody: "कोई प्रतीक्षा में नहीं",
  paused: "रुका हुआ",
  closed: "आज के लिए बंद",
  delay: (minutes) => `+${minutes} मिनट`,
  important: "महत्वपूर्ण",
  reconnecting: "फिर से जुड़ रहा है…",
  old: (age) => `यह जानकारी ${age} पुरानी है।`,
  sound: "आवाज़ चालू करें",
};

const ARABIC: DisplayWords = {
  nowCalling: "ننادي الآن",
  goTo: (room) => `تفضّل إلى ${room}`,
  comeIn: "تفضّل بالدخول",
  recent: "نودي مؤخرًا",
  quiet: "تفضّل بالجلوس",
  quietMore: "يظهر رقمك هنا عندما يحين دورك.",
  nobody: "لا أحد ينتظر",
  paused: "متوقف",
  closed: "أُغلق اليوم",
  delay: (minutes) => `+${minutes} د`,
  important: "مهم",
  reconnecting: "جارٍ إعادة الاتصال…",
  old: (age) => `ما تراه عمره ${age}.`,
  sound: "شغّل الصوت",
};

const SPOKEN: Record<string, DisplayWords> = {
  en: ENGLISH,
  es: SPANISH,
  hi: HINDI,
  ar: ARABIC,
};

/** The language of this screen: `?lang=`, else the browser's, else English. */
export const language: string =
  [new URLSearchParams(location.search).get("lang"), ...navigator.languages]
    .map((tag) => tag?.split("-")[0] ?? "")
    .find((tag) => tag in SPOKEN) ?? "en";

export const words: DisplayWords = SPOKEN[language] ?? ENGLISH;
