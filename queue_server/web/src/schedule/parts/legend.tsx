import { LAYERS, type Layer } from "../model/layers";

interface LegendProps {
  /** Whether the weekly hours are there whatever is chosen, as where they are edited. */
  keepsBase?: boolean;
  shown: ReadonlySet<Layer>;
  onToggle: (layer: Layer) => void;
}

/** The layers by pattern and name; each can be taken off. */
export function Legend({ keepsBase = false, shown, onToggle }: LegendProps) {
  return (
    <fieldset class="legend">
      <legend class="sr-only">Layers shown</legend>
      {LAYERS.filter(({ layer }) => !(keepsBase && layer === "base")).map(({ layer, name }) => (
        <label key={layer} class="legend-item">
          <input type="checkbox" checked={shown.has(layer)} onChange={() => onToggle(layer)} />
          <span class={`swatch band-${layer}`} aria-hidden="true" />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
