import type { ComponentChildren } from "preact";
import type { MessageView } from "../../../../generated/contract";
import { zoneOf } from "../../../../schedule/state/zones";
import { languageName } from "../../../../staff/model/names";
import { moment } from "../../../../waitlist/model/words";
import { CHANNEL_WORDS, KIND_WORDS, STATE_CHIPS, STATE_WORDS } from "../model/words";

interface MessageTableProps {
  messages: readonly MessageView[];
  /** What can be done with one. */
  action?: (message: MessageView) => ComponentChildren;
}

/** Messages with what became of each. */
export function MessageTable({ messages, action }: MessageTableProps) {
  return (
    <div class="table-frame">
      <table class="table stacked">
        <caption class="sr-only">Messages</caption>
        <thead>
          <tr>
            <th scope="col">To</th>
            <th scope="col">About</th>
            <th scope="col">Through</th>
            <th scope="col">When</th>
            <th scope="col">What became of it</th>
            {action && (
              <th scope="col">
                <span class="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <tr key={message.id}>
              <th scope="row">
                <span class="strong">{message.patientName ?? "Somebody without a file"}</span>
                {message.channel !== "push" && <span class="sub wraps">{message.recipient}</span>}
              </th>
              <td>
                {KIND_WORDS[message.kind] ?? message.kind}
                <span class="sub">{languageName(message.language)}</span>
              </td>
              <td>{CHANNEL_WORDS[message.channel]}</td>
              <td>{moment(message.createdAt, zoneOf(message.clinicId))}</td>
              <td>
                <span class={STATE_CHIPS[message.state]}>{STATE_WORDS[message.state]}</span>
                {message.reason && <span class="sub wraps">{message.reason}</span>}
                {message.attempts > 1 && <span class="sub">Tried {message.attempts} times</span>}
              </td>
              {action && <td class="end">{action(message)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
