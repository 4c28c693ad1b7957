/** How much of something is there, from 0 to 100: a bar and the number. */
export function Meter({ value, label }: { value: number; label: string }) {
  return (
    <span class="meter">
      <progress value={value} max={100} aria-label={label} />
      <span>{value}%</span>
    </span>
  );
}
