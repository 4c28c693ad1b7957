import type { Band } from "../model/layers";
import { span } from "../model/wall-time";
import { Explained } from "./explained";
import { isVisible, position } from "./hours-grid";

interface BandViewProps {
  band: Band;
  hours: { from: number; to: number };
  onOpen?: (band: Band) => void;
}

/** A layer over the hours: its pattern lets through what lies below, its label explains it. */
export function BandView({ band, hours, onOpen }: BandViewProps) {
  if (!isVisible(band, hours)) return null;
  const isWhole = band.end - band.start >= 1440;
  const when = isWhole ? "the whole day" : span(band.start, band.end);
  const look = [
    "band",
    `band-${band.layer}`,
    band.replaced && "band-replaced",
    isWhole && "band-whole",
  ];
  return (
    <div class={look.filter(Boolean).join(" ")} style={position(band, hours)}>
      <Explained
        class="band-label"
        label={`${band.title}, ${when}`}
        explanation={`${band.explanation} (${when})`}
        {...(onOpen && band.source !== null && { onClick: () => onOpen(band) })}
      >
        {band.title}
      </Explained>
    </div>
  );
}
