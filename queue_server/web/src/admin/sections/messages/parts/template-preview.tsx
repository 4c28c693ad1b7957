import { useEffect, useState } from "preact/hooks";
import type { PreviewView, TemplateView } from "../../../../generated/contract";
import { Refused } from "../../../../shared/http";
import { post } from "../../../../staff/rest";
import { CHANNEL_WORDS, directionOf, hasSubject, lengthWords } from "../model/words";

const PAUSE_MS = 300;

interface TemplatePreviewProps {
  template: TemplateView;
  words: { subject: string; body: string };
}

/** What is typed with sample values in it, as its reader gets it; nothing is kept or sent. */
export function TemplatePreview({ template, words }: TemplatePreviewProps) {
  const { language, channel } = template;
  const { shown, fault } = usePreview(template, words);
  return (
    <section class="card template-preview" aria-labelledby="template-preview">
      <h2 id="template-preview">As its reader gets it</h2>
      <p class="hint" role="status">
        {fault ? `Not possible yet: ${fault}` : "With sample values; nothing is sent."}
      </p>
      {shown && (
        <div
          class={`letter letter-${channel}${fault ? " letter-old" : ""}`}
          lang={language}
          dir={directionOf(language)}
        >
          {shown.subject && <p class="letter-subject">{shown.subject}</p>}
          <p class="letter-text">{shown.text}</p>
        </div>
      )}
      {shown && (
        <p class="hint">
          {CHANNEL_WORDS[channel]}: {lengthWords(shown.characters, shown.textParts)}
        </p>
      )}
    </section>
  );
}

function usePreview(
  { kind, language, channel, name }: TemplateView,
  { subject, body }: TemplatePreviewProps["words"],
) {
  const [state, set] = useState<{ shown: PreviewView | null; fault: string | null }>({
    shown: null,
    fault: null,
  });
  useEffect(() => {
    let isOld = false;
    const asked = { kind, language, channel, name, body, ...(hasSubject(channel) && { subject }) };
    const timer = setTimeout(() => {
      post<PreviewView>("/api/message-templates/preview", asked).then(
        (shown) => !isOld && set({ shown, fault: null }),
        (error: Error) => !isOld && set((old) => ({ ...old, fault: faultOf(error) })),
      );
    }, PAUSE_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [kind, language, channel, name, subject, body]);
  return state;
}

function faultOf(error: Error): string {
  const [first] = error instanceof Refused ? error.problem.errors : [];
  return first?.message ?? error.message;
}
