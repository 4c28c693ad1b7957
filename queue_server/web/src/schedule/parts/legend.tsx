import { LAYERS, type Layer } from "../model/layers";

interface LegendProps {
  shown: ReadonlySet<Layer>;
  onToggle: (layer: Layer) => void;
}

/** The layers by pattern and name; each can be taken off. */
export function Legend({ shown, onToggle }: LegendProps) {
  return (
    <fieldset class="legend">
      <legend class="sr-only">Layers shown</legend>
      {LAYERS.map(({ layer, name }) => (
        <label key={layer} class="legend-item">
          <input
            type="checkbox"
            checked={shown.has(layer)}
            disabled={layer === "base"}
            onChange={() => onToggle(layer)}
          />
          <span class={`swatch band-${layer}`} aria-hidden="true" />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
