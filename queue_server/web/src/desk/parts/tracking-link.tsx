import { useState } from "preact/hooks";
import { announce } from "../../shared/announce";

interface TrackingLinkProps {
  tracking: { trackingToken: string; trackingUrl: string };
}

/** A QR code to scan from the screen, and the address to copy. */
export function TrackingLink({ tracking }: TrackingLinkProps) {
  const { trackingToken, trackingUrl } = tracking;
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(trackingUrl);
    setCopied(true);
    announce("Link copied");
  };
  return (
    <div class="tracking">
      <img
        src={`/t/${encodeURIComponent(trackingToken)}/qr.svg`}
        width="260"
        height="260"
        alt="QR code of the patient's link"
      />
      <div>
        <p>Scan it with the patient's phone: place and waiting time, live.</p>
        <a href={trackingUrl} target="_blank" rel="noreferrer" class="tracking-address">
          Open the patient's page
        </a>
        {/* The clipboard is closed to pages that came over plain HTTP. */}
        {isSecureContext && (
          <button type="button" onClick={() => void copy()}>
            {copied ? "Copied" : "Copy link"}
          </button>
        )}
      </div>
    </div>
  );
}
